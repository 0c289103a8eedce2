namespace Codat.Native.Interop;

/// <summary>
/// Counts what passes through to an upstream resource: live and peak bytes, live blocks, allocations ever made.
/// </summary>
public sealed class StatisticsResource(IHostMemoryResource upstream) : IHostMemoryResource
{
    private readonly Lock _gate = new();

    /// <summary>Bytes allocated and not yet released.</summary>
    public long LiveBytes { get; private set; }

    /// <summary>The largest <see cref="LiveBytes"/> seen.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Blocks allocated and not yet released.</summary>
    public long LiveBlocks { get; private set; }

    /// <summary>Allocations made since creation; constant once a training loop has warmed up.</summary>
    public long AllocationCount { get; private set; }

    /// <inheritdoc/>
    public nint Allocate(nuint bytes)
    {
        var block = upstream.Allocate(bytes);
        lock (_gate)
        {
            LiveBytes += (long)bytes;
            PeakBytes = Math.Max(PeakBytes, LiveBytes);
            LiveBlocks++;
            AllocationCount++;
        }
        return block;
    }

    /// <inheritdoc/>
    public void Release(nint block, nuint bytes)
    {
        upstream.Release(block, bytes);
        lock (_gate)
        {
            LiveBytes -= (long)bytes;
            LiveBlocks--;
        }
    }
}
