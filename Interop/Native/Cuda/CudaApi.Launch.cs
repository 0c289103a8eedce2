using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

// Kernel launches and host callbacks.
internal static unsafe partial class CudaApi
{
    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuLaunchKernel(CUfunction function, uint gridX, uint gridY, uint gridZ,
        uint blockX, uint blockY, uint blockZ, uint sharedBytes, CUstream stream, void** parameters, void** extra);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuLaunchCooperativeKernel(CUfunction function, uint gridX, uint gridY,
        uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes, CUstream stream, void** parameters);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuLaunchHostFunc(CUstream stream, delegate* unmanaged<void*, void> function,
        void* userData);
}
