using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>Looks at addresses that the host application hands in, as far as the driver knows them.</summary>
internal static unsafe class DeviceAddress
{
    private const uint HostMemoryType = 1;

    /// <summary>Refuses what is not device memory of a context, or less of it than is needed.</summary>
    /// <param name="context">Where the memory is to be used; entered by the caller.</param>
    /// <param name="address">The first byte.</param>
    /// <param name="bytes">How many are needed.</param>
    /// <param name="elementBytes">What the address must be a multiple of.</param>
    /// <param name="what">What it is, for the message.</param>
    /// <remarks>
    /// A range inside a larger allocation of the host's is only known to lie inside that. Memory whose context or
    /// extent the driver does not tell, as of its own pools, is believed.
    /// </remarks>
    /// <exception cref="CodatException">It cannot be used.</exception>
    public static void Check(CudaContext context, ulong address, nuint bytes, int elementBytes, string what)
    {
        if (address % (ulong)elementBytes != 0)
            throw Bad(what, $"an address that is a multiple of {elementBytes}", Address(address));
        var pointer = new CUdeviceptr(address);
        uint type;
        if (CudaApi.cuPointerGetAttribute(&type, CUpointer_attribute.CU_POINTER_ATTRIBUTE_MEMORY_TYPE, pointer)
            is not CUresult.CUDA_SUCCESS and var status)
        {
            if (status != CUresult.CUDA_ERROR_INVALID_VALUE) status.ThrowIfFailed("cuPointerGetAttribute");
            throw Bad(what, "device memory", $"{Address(address)}, which CUDA does not know");
        }
        if (type == HostMemoryType)
            throw Bad(what, "device memory", $"{Address(address)} in host memory", "hand it in as a host batch");
        CheckPlace(context, pointer, what);
        if (CudaApi.cuMemGetAddressRange_v2(out var start, out var length, pointer) != CUresult.CUDA_SUCCESS) return;
        var there = length - (nuint)(address - start.Value);
        if (bytes > there)
        {
            throw Bad(what, string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} bytes"),
                string.Create(CultureInfo.InvariantCulture, $"{there:N0} to the end of the allocation"));
        }
    }

    private static void CheckPlace(CudaContext context, CUdeviceptr pointer, string what)
    {
        int ordinal;
        if (CudaApi.cuPointerGetAttribute(&ordinal, CUpointer_attribute.CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL, pointer)
            == CUresult.CUDA_SUCCESS && ordinal != context.Device.Ordinal)
        {
            throw Bad(what, $"memory of {context.Device}",
                string.Create(CultureInfo.InvariantCulture, $"{Address(pointer.Value)} on device {ordinal}"));
        }
        CUcontext owner;
        if (CudaApi.cuPointerGetAttribute(&owner, CUpointer_attribute.CU_POINTER_ATTRIBUTE_CONTEXT, pointer)
            == CUresult.CUDA_SUCCESS && owner.Value != 0 && owner != context.Handle)
        {
            throw Bad(what, $"memory of {CudaContextLostException.Describe(context.Handle.Value)}",
                $"{Address(pointer.Value)} of {CudaContextLostException.Describe(owner.Value)}",
                "allocate the batch in the context that was attached");
        }
    }

    private static CodatException Bad(string what, string expected, string found, string? fix = null) =>
        new("the batch cannot be used", what, expected, found, fix);

    private static string Address(ulong address) =>
        string.Create(CultureInfo.InvariantCulture, $"address 0x{address:x}");
}
