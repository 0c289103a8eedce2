using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

// Modules and what is in them.
internal static unsafe partial class CudaApi
{
    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuModuleLoadData(out CUmodule module, byte* image);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuModuleLoadDataEx(out CUmodule module, byte* image, uint optionCount,
        CUjit_option* options, void** optionValues);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuModuleUnload(CUmodule module);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuModuleGetFunction(out CUfunction function, CUmodule module, byte* name);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuModuleGetGlobal_v2(out CUdeviceptr address, out nuint bytes, CUmodule module,
        byte* name);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuModuleGetLoadingMode(out CUmoduleLoadingMode mode);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuFuncGetAttribute(out int value, CUfunction_attribute attribute,
        CUfunction function);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute attribute,
        int value);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuFuncLoad(CUfunction function);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(out int blocks, CUfunction function,
        int blockSize, nuint dynamicSharedBytes);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuOccupancyMaxPotentialBlockSize(out int minGridSize, out int blockSize,
        CUfunction function, delegate* unmanaged<int, nuint> dynamicSharedBytesOf, nuint dynamicSharedBytes,
        int blockSizeLimit);
}
