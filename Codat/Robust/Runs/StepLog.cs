using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Class risks and weights of every step, as float64 npy files in <c>steps/</c>.</summary>
/// <remarks><c>risk</c> and <c>weight</c> have shape (S,K), <c>variance</c>, <c>etaEff</c> and <c>minWeight</c> (S).
/// Rows are kept in memory and written when the run's state is saved.</remarks>
public sealed class StepLog
{
    private const int Alignment = 64;

    private readonly Column[] _columns;

    private StepLog(string folder, int classes) => _columns =
    [
        new Column(Path.Combine(folder, "risk.npy"), classes, IsMatrix: true),
        new Column(Path.Combine(folder, "weight.npy"), classes, IsMatrix: true),
        new Column(Path.Combine(folder, "variance.npy"), 1, IsMatrix: false),
        new Column(Path.Combine(folder, "etaEff.npy"), 1, IsMatrix: false),
        new Column(Path.Combine(folder, "minWeight.npy"), 1, IsMatrix: false),
    ];

    /// <summary>The steps in memory.</summary>
    public long Count => _columns[2].Values.Count;

    /// <summary>Opens the log of a run, keeping its first <paramref name="lastStep"/> steps.</summary>
    /// <param name="folder">The folder, made if there is none.</param>
    /// <param name="classes">K.</param>
    /// <param name="lastStep">Committed steps.</param>
    /// <exception cref="CodatException">A file with committed steps is missing or is not one of ours.</exception>
    public static StepLog Open(string folder, int classes, long lastStep)
    {
        Directory.CreateDirectory(folder);
        var log = new StepLog(folder, classes);
        if (lastStep > 0)
        {
            foreach (Column column in log._columns) Read(column, lastStep);
        }
        return log;
    }

    /// <summary>Adds a step.</summary>
    /// <param name="risk">K class risks; not-a-number for a class without one.</param>
    /// <param name="weight">K class weights.</param>
    /// <param name="variance">The variance of the risks under the prior.</param>
    /// <param name="etaEff">The radius in use.</param>
    public void Add(ReadOnlySpan<double> risk, ReadOnlySpan<double> weight, double variance, double etaEff)
    {
        if (risk.Length != _columns[0].Width || weight.Length != risk.Length)
            throw new ArgumentException("one risk and one weight for each class", nameof(risk));
        CollectionExtensions.AddRange(_columns[0].Values, risk);
        CollectionExtensions.AddRange(_columns[1].Values, weight);
        double min = double.PositiveInfinity;
        foreach (double w in weight) min = Math.Min(min, w);
        _columns[2].Values.Add(variance);
        _columns[3].Values.Add(etaEff);
        _columns[4].Values.Add(min);
    }

    /// <summary>Replaces the files.</summary>
    public void Save()
    {
        foreach (Column column in _columns)
        {
            Layers.AtomicFile.Write(column.Path, stream =>
            {
                stream.Write(Header(column, column.Values.Count / column.Width));
                // npy's <f8 is this machine's own order everywhere .NET runs our kernels.
                stream.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(column.Values)));
            });
        }
    }

    private static byte[] Header(Column column, long rows)
    {
        string shape = column.IsMatrix ? $"({rows}, {SettingText.Print(column.Width)})" : $"({rows},)";
        string text = $"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}";
        const int Prefix = 10;
        int total = (Prefix + text.Length + 1 + Alignment - 1) / Alignment * Alignment;
        byte[] header = new byte[total];
        header.AsSpan().Fill((byte)' ');
        header[0] = 0x93;
        "NUMPY"u8.CopyTo(header.AsSpan(1));
        header[6] = 1;
        header[7] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), (ushort)(total - Prefix));
        Encoding.ASCII.GetBytes(text, header.AsSpan(Prefix));
        header[^1] = (byte)'\n';
        return header;
    }

    private static void Read(Column column, long rows)
    {
        byte[] file = File.Exists(column.Path) ? File.ReadAllBytes(column.Path) : [];
        int start = file.Length < 10 ? 0 : 10 + BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(8));
        long bytes = rows * column.Width * sizeof(double);
        long found = file.Length - start;
        bool ours = start > 0 && found >= bytes && found % (column.Width * sizeof(double)) == 0
            && file.AsSpan(0, start).SequenceEqual(Header(column, found / (column.Width * sizeof(double))));
        if (!ours)
        {
            throw new CodatException("the run's step log is incomplete", column.Path,
                $"a npy file of at least {rows} steps", file.Length == 0 ? "nothing" : "another file");
        }
        CollectionExtensions.AddRange(column.Values,
            MemoryMarshal.Cast<byte, double>(file.AsSpan(start, checked((int)bytes))));
    }

    private sealed record Column(string Path, int Width, bool IsMatrix)
    {
        internal List<double> Values { get; } = [];
    }
}
