namespace Codat.Native.Interop;

/// <summary>
/// Counts what passes through to an upstream resource: live and peak bytes, live blocks, allocations ever made.
/// </summary>
public sealed class DeviceStatisticsResource : IDeviceMemoryResource
{
    private readonly IDeviceMemoryResource _upstream;
    private readonly Lock _gate = new();

    /// <summary>Counts in front of <paramref name="upstream"/>.</summary>
    public DeviceStatisticsResource(IDeviceMemoryResource upstream)
    {
        ArgumentNullException.ThrowIfNull(upstream);
        _upstream = upstream;
    }

    /// <inheritdoc/>
    public CudaContext Context => _upstream.Context;

    /// <summary>Bytes allocated and not yet given back.</summary>
    public long LiveBytes { get; private set; }

    /// <summary>The largest <see cref="LiveBytes"/> seen.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Blocks allocated and not yet given back.</summary>
    public long LiveBlocks { get; private set; }

    /// <summary>Allocations made since creation; constant once a training loop has warmed up.</summary>
    public long AllocationCount { get; private set; }

    /// <inheritdoc/>
    public DeviceBlock Allocate(nuint bytes, CudaStream stream)
    {
        var block = _upstream.Allocate(bytes, stream);
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
    public void Deallocate(in DeviceBlock block, CudaStream stream)
    {
        _upstream.Deallocate(block, stream);
        lock (_gate)
        {
            LiveBytes -= (long)block.Bytes;
            LiveBlocks--;
        }
    }
}
