namespace Codat.Native.Interop;

/// <summary>A source of device memory; resources compose by wrapping an upstream.</summary>
/// <remarks>
/// Thread-safe. Memory is given and taken back in the order of a stream: a block may be used on the stream at once, and
/// be given back while work on the stream still uses it. <see cref="Deallocate"/> never throws; its errors are parked
/// in the context.
/// </remarks>
public interface IDeviceMemoryResource
{
    /// <summary>The context the memory is in.</summary>
    CudaContext Context { get; }

    /// <summary>
    /// Returns memory of at least <paramref name="bytes"/> bytes, aligned to <see cref="DeviceBlock.Alignment"/>. Its
    /// content is undefined.
    /// </summary>
    /// <exception cref="CudaOutOfMemoryException">The memory is not to be had, or a limit would be passed.</exception>
    DeviceBlock Allocate(nuint bytes, CudaStream stream);

    /// <summary>Gives back a block as it was allocated.</summary>
    void Deallocate(in DeviceBlock block, CudaStream stream);
}
