namespace Codat.Native.Interop;

/// <summary>Whether a stream is recording.</summary>
internal enum CUstreamCaptureStatus : int
{
    CU_STREAM_CAPTURE_STATUS_NONE = 0,
    CU_STREAM_CAPTURE_STATUS_ACTIVE = 1,
    CU_STREAM_CAPTURE_STATUS_INVALIDATED = 2,
}
