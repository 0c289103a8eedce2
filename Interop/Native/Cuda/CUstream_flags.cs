namespace Codat.Native.Interop;

/// <summary>How a stream is created.</summary>
[Flags]
internal enum CUstream_flags : uint
{
    CU_STREAM_DEFAULT = 0,
    CU_STREAM_NON_BLOCKING = 1,
}
