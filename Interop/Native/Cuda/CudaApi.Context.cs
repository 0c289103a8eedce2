using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

// No cuCtxCreate: a context is a retained primary one or a borrowed one. No reset of the primary context: it would
// take
// the state of everyone else in the process with it.
internal static unsafe partial class CudaApi
{
    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuDevicePrimaryCtxRetain(out CUcontext context, int device);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuDevicePrimaryCtxRelease_v2(int device);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuDevicePrimaryCtxGetState(int device, out uint flags, out int active);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuDevicePrimaryCtxSetFlags_v2(int device, uint flags);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuCtxGetCurrent(out CUcontext context);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuCtxSetCurrent(CUcontext context);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuCtxPushCurrent_v2(CUcontext context);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuCtxPopCurrent_v2(out CUcontext context);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuCtxGetDevice(out int device);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuCtxSynchronize();

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuCtxGetStreamPriorityRange(out int leastPriority, out int greatestPriority);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuCtxGetId(CUcontext context, out ulong id);
}
