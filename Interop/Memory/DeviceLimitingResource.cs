using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>Refuses requests that would take the live bytes of an upstream resource past a limit.</summary>
public sealed class DeviceLimitingResource : IDeviceMemoryResource
{
    private readonly IDeviceMemoryResource _upstream;
    private readonly Lock _gate = new();
    private long _live;

    /// <summary>Wraps <paramref name="upstream"/> with a limit in bytes.</summary>
    public DeviceLimitingResource(IDeviceMemoryResource upstream, long limitBytes)
    {
        ArgumentNullException.ThrowIfNull(upstream);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limitBytes);
        _upstream = upstream;
        LimitBytes = limitBytes;
    }

    /// <inheritdoc/>
    public CudaContext Context => _upstream.Context;

    /// <summary>The largest number of live bytes allowed.</summary>
    public long LimitBytes { get; }

    /// <inheritdoc/>
    public DeviceBlock Allocate(nuint bytes, CudaStream stream)
    {
        lock (_gate)
        {
            if (bytes > (nuint)(LimitBytes - _live))
            {
                throw new CudaOutOfMemoryException((long)Math.Min(bytes, long.MaxValue),
                    string.Create(CultureInfo.InvariantCulture,
                        $"{_live:N0} of the limit of {LimitBytes:N0} bytes are in use"), Context.Device.ToString());
            }
            _live += (long)bytes;
        }
        // Outside the lock: an upstream may wait for the device.
        try
        {
            return _upstream.Allocate(bytes, stream);
        }
        catch
        {
            lock (_gate) _live -= (long)bytes;
            throw;
        }
    }

    /// <inheritdoc/>
    public void Deallocate(in DeviceBlock block, CudaStream stream)
    {
        _upstream.Deallocate(block, stream);
        lock (_gate) _live -= (long)block.Bytes;
    }
}
