using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

// cuEventElapsedTime left the header of CUDA 13 for _v2 (12.8 and newer, same parameters); the driver exports both.
internal static unsafe partial class CudaApi
{
    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuEventCreate(out CUevent e, CUevent_flags flags);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuEventDestroy_v2(CUevent e);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuEventRecord(CUevent e, CUstream stream);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuEventRecordWithFlags(CUevent e, CUstream stream, CUevent_record_flags flags);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuEventSynchronize(CUevent e);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuEventQuery(CUevent e);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuEventElapsedTime(out float milliseconds, CUevent start, CUevent end);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuEventElapsedTime_v2(out float milliseconds, CUevent start, CUevent end);
}
