using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

// No synchronous copies: they would use the legacy stream. A blocking copy is an asynchronous one and a synchronise.
internal static unsafe partial class CudaApi
{
    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuMemGetInfo_v2(out nuint free, out nuint total);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuMemAlloc_v2(out CUdeviceptr address, nuint bytes);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuMemFree_v2(CUdeviceptr address);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuMemHostAlloc(out nint host, nuint bytes, CUmemHostAlloc_flags flags);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuMemFreeHost(nint host);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuMemHostRegister_v2(nint host, nuint bytes, uint flags);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuMemHostUnregister(nint host);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, void* from, nuint bytes, CUstream stream);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, nuint bytes, CUstream stream);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, nuint bytes,
        CUstream stream);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, nuint bytes, CUstream stream);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuMemsetD8Async(CUdeviceptr address, byte value, nuint count, CUstream stream);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuMemsetD32Async(CUdeviceptr address, uint value, nuint count, CUstream stream);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuPointerGetAttribute(void* value, CUpointer_attribute attribute,
        CUdeviceptr address);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuMemGetAddressRange_v2(out CUdeviceptr start, out nuint bytes,
        CUdeviceptr address);
}
