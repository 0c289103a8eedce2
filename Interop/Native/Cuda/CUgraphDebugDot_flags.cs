namespace Codat.Native.Interop;

/// <summary>How much a printed graph tells.</summary>
[Flags]
internal enum CUgraphDebugDot_flags : uint
{
    None = 0,
    CU_GRAPH_DEBUG_DOT_FLAGS_VERBOSE = 1,
}
