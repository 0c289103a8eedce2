using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

// Stream-ordered memory: the driver's own pools, an alternative upstream.
internal static unsafe partial class CudaApi
{
    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuMemAllocAsync(out CUdeviceptr address, nuint bytes, CUstream stream);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuMemFreeAsync(CUdeviceptr address, CUstream stream);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuMemAllocFromPoolAsync(out CUdeviceptr address, nuint bytes, CUmemoryPool pool,
        CUstream stream);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuDeviceGetDefaultMemPool(out CUmemoryPool pool, int device);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuMemPoolSetAttribute(CUmemoryPool pool, CUmemPool_attribute attribute,
        void* value);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuMemPoolGetAttribute(CUmemoryPool pool, CUmemPool_attribute attribute,
        void* value);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuMemPoolTrimTo(CUmemoryPool pool, nuint minBytesToKeep);
}
