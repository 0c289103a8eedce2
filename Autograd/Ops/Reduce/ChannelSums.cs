namespace Codat.Native.Autograd;

/// <summary>Splits the rows of a (rows, channels) view into fixed parts whose double sums are added in order.</summary>
/// <remarks>
/// A part's rows depend on the number of channels only, so the sums do not depend on the number of threads.
/// </remarks>
internal sealed unsafe class ChannelSums
{
    private const int ElementsPerPart = 32768;

    private readonly long _rows;
    private readonly int _rowsPerPart;
    private readonly int _values;

    /// <summary>For <paramref name="values"/> sums per channel.</summary>
    public ChannelSums(Shape shape, int values)
    {
        (Channels, _rows, _values) = (shape.Channels, shape.Rows, values);
        _rowsPerPart = Math.Max(8, ElementsPerPart / Math.Max(1, Channels));
        Parts = Math.Max(1, Tiles.Count(_rows, _rowsPerPart));
    }

    public int Channels { get; }

    public int Parts { get; }

    public long Rows => _rows;

    public long WorkspaceBytes => (long)Parts * Channels * _values * sizeof(double);

    public (long First, long Last) RowsOf(int part) =>
        ((long)part * _rowsPerPart, Math.Min(_rows, (long)(part + 1) * _rowsPerPart));

    /// <summary>The sums of one part: values times channels doubles.</summary>
    public double* Part(double* workspace, int part) => workspace + (long)part * Channels * _values;

    /// <summary>Adds all parts into the first, in order.</summary>
    public void Combine(double* workspace)
    {
        var length = Channels * _values;
        for (var part = 1; part < Parts; part++)
        {
            var from = Part(workspace, part);
            for (var i = 0; i < length; i++) workspace[i] += from[i];
        }
    }
}
