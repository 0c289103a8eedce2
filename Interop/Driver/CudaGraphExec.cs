namespace Codat.Native.Interop;

/// <summary>Recorded work, ready to run again and again with the addresses it was recorded with.</summary>
/// <remarks>Whoever replays it keeps alive every buffer, module and plan that was recorded.</remarks>
internal sealed unsafe class CudaGraphExec : IDisposable
{
    private readonly OwnedHandle _handle;

    internal CudaGraphExec(CudaContext context, CUgraphExec executable) =>
        _handle = new OwnedHandle(context, executable.Value, &Destroy);

    public CudaContext Context => _handle.Context;

    internal CUgraphExec Handle => new(_handle.Get(this));

    /// <summary>Brings it onto the device, so that the first launch costs no more than the others.</summary>
    public void Upload(CudaStream stream)
    {
        using var scope = Context.Enter();
        CudaApi.cuGraphUpload(Handle, stream.Handle).ThrowIfFailed();
    }

    /// <summary>Enqueues everything recorded as one piece of work.</summary>
    public void Launch(CudaStream stream)
    {
        using var scope = Context.Enter();
        CudaApi.cuGraphLaunch(Handle, stream.Handle).ThrowIfFailed();
    }

    /// <summary>Takes over the parameters of a graph of the same form; false if it has another form.</summary>
    public bool TryUpdate(CudaGraph graph)
    {
        if (!CudaCapabilities.HasGraphExecUpdate) return false;
        using var scope = Context.Enter();
        var status = CudaApi.cuGraphExecUpdate_v2(Handle, graph.Handle, out _);
        if (status == CUresult.CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE) return false;
        status.ThrowIfFailed("cuGraphExecUpdate_v2");
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static void Destroy(CudaContext context, nint handle) =>
        CudaApi.cuGraphExecDestroy(new CUgraphExec(handle)).ParkIfFailed(context);
}
