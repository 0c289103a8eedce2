using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>Device memory straight from the driver. Slow: it waits for the device when memory is given back.</summary>
public sealed unsafe class DriverMemoryResource : IDeviceMemoryResource
{
    /// <summary>Allocates in <paramref name="context"/>.</summary>
    public DriverMemoryResource(CudaContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Context = context;
    }

    /// <inheritdoc/>
    public CudaContext Context { get; }

    /// <inheritdoc/>
    public DeviceBlock Allocate(nuint bytes, CudaStream stream)
    {
        // The native call would end the recording and name another operation than this one.
        if (CudaContext.IsThreadCapturing)
            throw new InvalidOperationException("Device memory cannot be allocated while a graph is recorded.");
        using var scope = Context.Enter();
        var status = CudaApi.cuMemAlloc_v2(out var address, DeviceBlock.RoundUp(bytes));
        if (status == CUresult.CUDA_ERROR_OUT_OF_MEMORY) throw OutOfMemory(bytes, status);
        status.ThrowIfFailed("cuMemAlloc_v2");
        Context.Adopt();
        return new DeviceBlock(address.Value, bytes);
    }

    /// <inheritdoc/>
    public void Deallocate(in DeviceBlock block, CudaStream stream) => Context.Release((nint)block.Address, &Free);

    private CudaOutOfMemoryException OutOfMemory(nuint bytes, CUresult status)
    {
        string numbers = CudaApi.cuMemGetInfo_v2(out nuint free, out nuint total) == CUresult.CUDA_SUCCESS
            ? string.Create(CultureInfo.InvariantCulture, $"the device has {free:N0} of {total:N0} bytes free")
            : "the driver refused";
        return new CudaOutOfMemoryException((long)Math.Min(bytes, long.MaxValue), numbers, Context.Device.ToString(),
            status.ToException(Context, "cuMemAlloc_v2"));
    }

    private static void Free(CudaContext context, nint address) =>
        CudaApi.cuMemFree_v2(new CUdeviceptr((ulong)address)).ParkIfFailed(context);
}
