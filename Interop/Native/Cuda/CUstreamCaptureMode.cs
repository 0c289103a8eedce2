namespace Codat.Native.Interop;

/// <summary>Which calls, of which threads, a capture forbids.</summary>
internal enum CUstreamCaptureMode : int
{
    CU_STREAM_CAPTURE_MODE_GLOBAL = 0,
    CU_STREAM_CAPTURE_MODE_THREAD_LOCAL = 1,
    CU_STREAM_CAPTURE_MODE_RELAXED = 2,
}
