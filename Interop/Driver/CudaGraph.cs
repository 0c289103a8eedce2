using System.Text;

namespace Codat.Native.Interop;

/// <summary>Recorded work; to run it, instantiate it.</summary>
internal sealed unsafe class CudaGraph : IDisposable
{
    private readonly OwnedHandle _handle;

    internal CudaGraph(CudaContext context, CUgraph graph) =>
        _handle = new OwnedHandle(context, graph.Value, &Destroy);

    public CudaContext Context => _handle.Context;

    internal CUgraph Handle => new(_handle.Get(this));

    /// <summary>The number of operations recorded.</summary>
    public int NodeCount
    {
        get
        {
            using var scope = Context.Enter();
            nuint count = 0;
            CudaApi.cuGraphGetNodes(Handle, null, ref count).ThrowIfFailed();
            return checked((int)count);
        }
    }

    /// <summary>Makes it executable. The graph may be disposed afterwards.</summary>
    public CudaGraphExec Instantiate()
    {
        using var scope = Context.Enter();
        // Nothing recorded allocates, so none of the flags is wanted.
        CudaApi.cuGraphInstantiateWithFlags(out var executable, Handle, CUgraphInstantiate_flags.None).ThrowIfFailed();
        return new CudaGraphExec(Context, executable);
    }

    /// <summary>Writes the operations and what each waits for as a Graphviz file.</summary>
    public void SaveDot(string path, bool isVerbose = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] name = Encoding.UTF8.GetBytes(Path.GetFullPath(path) + '\0');
        using var scope = Context.Enter();
        fixed (byte* text = name)
        {
            CudaApi.cuGraphDebugDotPrint(Handle, text,
                isVerbose ? CUgraphDebugDot_flags.CU_GRAPH_DEBUG_DOT_FLAGS_VERBOSE : CUgraphDebugDot_flags.None)
                .ThrowIfFailed();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static void Destroy(CudaContext context, nint handle) =>
        CudaApi.cuGraphDestroy(new CUgraph(handle)).ParkIfFailed(context);
}
