using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

// cuGraphInstantiate and cuGraphInstantiate_v2 have an older signature with five arguments: only ...WithFlags is
// bound.
internal static unsafe partial class CudaApi
{
    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuGraphDestroy(CUgraph graph);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuGraphGetNodes(CUgraph graph, CUgraphNode* nodes, ref nuint count);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuGraphInstantiateWithFlags(out CUgraphExec executable, CUgraph graph,
        CUgraphInstantiate_flags flags);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuGraphExecDestroy(CUgraphExec executable);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuGraphUpload(CUgraphExec executable, CUstream stream);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuGraphLaunch(CUgraphExec executable, CUstream stream);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuGraphDebugDotPrint(CUgraph graph, byte* path, CUgraphDebugDot_flags flags);

    [LibraryImport(LibraryNames.Cuda)]
    internal static partial CUresult cuGraphExecUpdate_v2(CUgraphExec executable, CUgraph graph,
        out CUgraphExecUpdateResultInfo result);
}
