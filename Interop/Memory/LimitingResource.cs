namespace Codat.Native.Interop;

/// <summary>Refuses requests that would take the live bytes of an upstream resource past a limit.</summary>
public sealed class LimitingResource : IHostMemoryResource
{
    private readonly IHostMemoryResource _upstream;
    private readonly Lock _gate = new();
    private long _live;

    /// <summary>Wraps <paramref name="upstream"/> with a limit in bytes.</summary>
    public LimitingResource(IHostMemoryResource upstream, long limitBytes)
    {
        ArgumentNullException.ThrowIfNull(upstream);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limitBytes);
        _upstream = upstream;
        LimitBytes = limitBytes;
    }

    /// <summary>The largest number of live bytes allowed.</summary>
    public long LimitBytes { get; }

    /// <inheritdoc/>
    public nint Allocate(nuint bytes)
    {
        lock (_gate)
        {
            if (bytes > (nuint)(LimitBytes - _live))
                throw new HostOutOfMemoryException((long)Math.Min(bytes, long.MaxValue),
                    $"{_live:N0} of the limit of {LimitBytes:N0} bytes are in use");
            var block = _upstream.Allocate(bytes);
            _live += (long)bytes;
            return block;
        }
    }

    /// <inheritdoc/>
    public void Release(nint block, nuint bytes)
    {
        _upstream.Release(block, bytes);
        lock (_gate) _live -= (long)bytes;
    }
}
