using System.Runtime.CompilerServices;

namespace Codat.Native.Interop;

/// <summary>Device memory that is given back when it is disposed.</summary>
/// <remarks>
/// Release builds have no finalizer: memory not disposed stays taken until its resource goes. Debug builds report it in
/// the context's parked errors, with where it was allocated.
/// </remarks>
public sealed class DeviceBuffer : IDisposable
{
    private readonly IDeviceMemoryResource _resource;
    private readonly CudaStream _stream;
    private readonly DeviceBlock _block;
    private int _isDisposed;
#if DEBUG
    private readonly string _allocatedAt = Environment.StackTrace;
#endif

    private DeviceBuffer(IDeviceMemoryResource resource, in DeviceBlock block, CudaStream stream)
    {
        _resource = resource;
        _block = block;
        _stream = stream;
    }

#if DEBUG
    /// <summary>Reports the leak; calls nothing native.</summary>
    ~DeviceBuffer() => _resource.Context.Park(new CodatException("a device buffer was never disposed",
        $"{_block.Bytes} bytes", found: "allocated at " + _allocatedAt, isUsage: false));
#endif

    /// <summary>The length in bytes.</summary>
    public nuint Bytes => _block.Bytes;

    /// <summary>The context the memory is in.</summary>
    public CudaContext Context => _resource.Context;

    /// <summary>Allocates bytes to be used on a stream, or on others that wait for it.</summary>
    public static DeviceBuffer Allocate(IDeviceMemoryResource resource, nuint bytes, CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(stream);
        return new DeviceBuffer(resource, resource.Allocate(bytes, stream), stream);
    }

    /// <summary>Allocates elements to be used on a stream, or on others that wait for it.</summary>
    public static DeviceBuffer Allocate<T>(IDeviceMemoryResource resource, long count, CudaStream stream)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return Allocate(resource, checked((nuint)count * (nuint)Unsafe.SizeOf<T>()), stream);
    }

    /// <summary>The memory as elements; bytes left over at the end are not part of it.</summary>
    public DeviceSpan<T> As<T>() where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        return new DeviceSpan<T>(_block.Pointer, (long)(_block.Bytes / (nuint)Unsafe.SizeOf<T>()));
    }

    /// <summary>Gives the memory back, in the order of the stream it was allocated on.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
#if DEBUG
        GC.SuppressFinalize(this);
#endif
        _resource.Deallocate(_block, _stream);
    }
}
