namespace Codat.Native.Interop;

/// <summary>How an event is created.</summary>
[Flags]
internal enum CUevent_flags : uint
{
    CU_EVENT_DEFAULT = 0,
    CU_EVENT_BLOCKING_SYNC = 1,
    CU_EVENT_DISABLE_TIMING = 2,
}
