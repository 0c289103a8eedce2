using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

// Streams and capture. cuStreamBeginCapture without its suffix is an older form with one argument.
internal static unsafe partial class CudaApi
{
    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuStreamCreateWithPriority(out CUstream stream, CUstream_flags flags,
        int priority);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuStreamDestroy_v2(CUstream stream);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuStreamSynchronize(CUstream stream);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuStreamQuery(CUstream stream);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuStreamWaitEvent(CUstream stream, CUevent e, uint flags);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuStreamGetCtx(CUstream stream, out CUcontext context);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuStreamGetFlags(CUstream stream, out CUstream_flags flags);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuStreamGetId(CUstream stream, out ulong id);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuStreamBeginCapture_v2(CUstream stream, CUstreamCaptureMode mode);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuStreamEndCapture(CUstream stream, out CUgraph graph);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuStreamIsCapturing(CUstream stream, out CUstreamCaptureStatus status);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuThreadExchangeStreamCaptureMode(ref CUstreamCaptureMode mode);
}
