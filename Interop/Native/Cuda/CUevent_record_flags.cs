namespace Codat.Native.Interop;

/// <summary>How an event is recorded; external records become nodes of their own in a capture.</summary>
[Flags]
internal enum CUevent_record_flags : uint
{
    CU_EVENT_RECORD_DEFAULT = 0,
    CU_EVENT_RECORD_EXTERNAL = 1,
}
