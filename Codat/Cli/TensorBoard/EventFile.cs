using System.Buffers.Binary;
using System.Globalization;
using Codat.Native.Interop;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>A TensorBoard event file of a run, at most one in its folder.</summary>
/// <remarks>TensorBoard follows the open file as it grows, so records are appended, never the file replaced;
/// a reader ignores a record that is cut off at the end.</remarks>
internal sealed class EventFile : IDisposable
{
    private const string Prefix = "events.out.tfevents.";
    private const int HeaderBytes = 12;
    private const int FooterBytes = 4;

    private readonly FileStream _stream;
    private readonly TimeProvider _time;

    private EventFile(FileStream stream, TimeProvider time)
    {
        _stream = stream;
        _time = time;
    }

    /// <summary>Opens the event file of a run; events after the last committed step are cut off.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="lastStep">The last committed step, 0 for a new run.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="CodatException">The file cannot be written.</exception>
    internal static EventFile Open(string folder, long lastStep, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        string[] existing = Directory.GetFiles(folder, Prefix + "*");
        string path = existing.Length > 0 ? existing[0] : Path.Combine(folder, string.Create(
            CultureInfo.InvariantCulture, $"{Prefix}{time.GetUtcNow().ToUnixTimeSeconds():d10}.codat"));
        // Shared for reading: TensorBoard looks at the file while the run goes on.
        return Guarded(path, () =>
        {
            var file = new EventFile(
                new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite), time);
            file.CutAfter(lastStep);
            if (file._stream.Length == 0) file.Append(EventMessage.Version(file.Now));
            return file;
        });
    }

    /// <summary>Appends the numbers of an epoch.</summary>
    /// <exception cref="CodatException">The file cannot be written.</exception>
    internal void Add(EpochMetrics epoch, IReadOnlyList<string> classNames) => Guarded(_stream.Name, () =>
    {
        Append(EventMessage.Scalars(Now, epoch.Step, ScalarsOf(epoch, classNames)));
        return epoch.Step;
    });

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private double Now => _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;

    private static IEnumerable<(string Tag, double Value)> ScalarsOf(EpochMetrics epoch, IReadOnlyList<string> names)
    {
        yield return ("train/loss", epoch.Loss);
        yield return ("train/lr", epoch.Lr);
        yield return ("train/epoch", epoch.Epoch);
        foreach ((string name, AccuracySummary? accuracy) in new[] { ("clean", epoch.Clean), ("robust", epoch.Robust) })
        {
            if (accuracy is null) continue;
            yield return ($"{name}/average", accuracy.Average);
            yield return ($"{name}/worst", accuracy.Worst);
            for (int k = 0; k < accuracy.PerClass.Length; k++)
                yield return ($"{name}-class/{names[k]}", accuracy.PerClass[k]);
        }
        for (int k = 0; k < epoch.Risk.Length; k++) yield return ($"risk/{names[k]}", epoch.Risk[k].Mean);
        for (int k = 0; k < epoch.Weight.Length; k++) yield return ($"weight/{names[k]}", epoch.Weight[k].Mean);
        yield return ("codat/variance", epoch.Variance);
        yield return ("codat/eta-effective", epoch.EtaEff);
        yield return ("codat/negative-share", epoch.NegativeShare);
        yield return ("codat/objective-gap", epoch.ObjectiveGap);
        yield return ("speed/images-per-second", epoch.ImagesPerSecond);
        yield return ("speed/peak-bytes", epoch.PeakBytes);
    }

    private static T Guarded<T>(string path, Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CodatException("the TensorBoard events cannot be written", path, "a file that can be written",
                error.Message, "make room or mend the folder, then continue with --resume", isUsage: false, error);
        }
    }

    // A record: length (uint64), its checksum, the message, its checksum; all little endian.
    private void Append(byte[] message)
    {
        byte[] record = new byte[HeaderBytes + message.Length + FooterBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)message.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), MaskedCrc.Compute(record.AsSpan(0, 8)));
        message.CopyTo(record, HeaderBytes);
        Span<byte> footer = record.AsSpan(HeaderBytes + message.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(footer, MaskedCrc.Compute(message));
        _stream.Write(record);
        _stream.Flush(flushToDisk: true);
    }

    private void CutAfter(long lastStep)
    {
        long keep = 0;
        _stream.Position = 0;
        while (TryRead(out byte[] message) && EventMessage.StepOf(message) <= lastStep) keep = _stream.Position;
        _stream.SetLength(keep);
        _stream.Position = keep;
    }

    private bool TryRead(out byte[] message)
    {
        message = [];
        byte[] header = new byte[HeaderBytes];
        if (_stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes) return false;
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(header);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8)) != MaskedCrc.Compute(header.AsSpan(0, 8))
            || length > (ulong)(_stream.Length - _stream.Position))
        {
            return false;
        }
        byte[] body = new byte[(int)length + FooterBytes];
        if (_stream.ReadAtLeast(body, body.Length, throwOnEndOfStream: false) < body.Length) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(body.AsSpan((int)length))
            != MaskedCrc.Compute(body.AsSpan(0, (int)length)))
        {
            return false;
        }
        message = body[..(int)length];
        return true;
    }
}
