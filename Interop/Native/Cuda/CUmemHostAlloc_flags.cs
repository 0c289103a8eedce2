namespace Codat.Native.Interop;

/// <summary>How page-locked host memory is allocated.</summary>
[Flags]
internal enum CUmemHostAlloc_flags : uint
{
    None = 0,
    CU_MEMHOSTALLOC_PORTABLE = 1,
    CU_MEMHOSTALLOC_DEVICEMAP = 2,
    CU_MEMHOSTALLOC_WRITECOMBINED = 4,
}
