using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>Hands out one block of an upstream resource piece by piece; everything is given back together.</summary>
/// <remarks>Giving back the piece handed out last makes its room free again; others wait for the reset.</remarks>
public sealed class ArenaMemoryResource : IDeviceMemoryResource, IDisposable
{
    private readonly IDeviceMemoryResource _upstream;
    private readonly CudaStream _stream;
    private readonly DeviceBlock _block;
    private readonly Lock _gate = new();
    private nuint _used;
    private nuint _peak;
    private bool _isDisposed;

    /// <summary>Takes <paramref name="bytes"/> bytes from <paramref name="upstream"/>.</summary>
    public ArenaMemoryResource(IDeviceMemoryResource upstream, nuint bytes, CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(upstream);
        ArgumentNullException.ThrowIfNull(stream);
        _upstream = upstream;
        _stream = stream;
        _block = upstream.Allocate(DeviceBlock.RoundUp(bytes), stream);
    }

    /// <inheritdoc/>
    public CudaContext Context => _upstream.Context;

    /// <summary>The size of the arena.</summary>
    public nuint Bytes => _block.Bytes;

    /// <summary>Bytes handed out since the last reset.</summary>
    public nuint UsedBytes
    {
        get
        {
            lock (_gate) return _used;
        }
    }

    /// <summary>The largest <see cref="UsedBytes"/> seen.</summary>
    public nuint PeakBytes
    {
        get
        {
            lock (_gate) return _peak;
        }
    }

    /// <inheritdoc/>
    public DeviceBlock Allocate(nuint bytes, CudaStream stream)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            nuint left = _block.Bytes - _used;
            if (bytes > left || DeviceBlock.RoundUp(bytes) > left)
            {
                throw new CudaOutOfMemoryException((long)Math.Min(bytes, long.MaxValue),
                    string.Create(CultureInfo.InvariantCulture,
                        $"{_used:N0} of the arena's {_block.Bytes:N0} bytes are in use"), Context.Device.ToString());
            }
            var piece = new DeviceBlock(_block.Address + _used, bytes);
            _used += DeviceBlock.RoundUp(bytes);
            _peak = Math.Max(_peak, _used);
            return piece;
        }
    }

    /// <inheritdoc/>
    public void Deallocate(in DeviceBlock block, CudaStream stream)
    {
        lock (_gate)
        {
            nuint start = (nuint)(block.Address - _block.Address);
            if (start + DeviceBlock.RoundUp(block.Bytes) == _used) _used = start;
        }
    }

    /// <summary>Makes the whole arena free again; what was handed out must not be used any more.</summary>
    public void Reset()
    {
        lock (_gate) _used = 0;
    }

    /// <summary>Gives the arena back to its upstream.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
        }
        _upstream.Deallocate(_block, _stream);
    }
}
