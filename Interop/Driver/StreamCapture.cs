namespace Codat.Native.Interop;

/// <summary>A recording of what one stream is given; nothing runs until the graph is launched.</summary>
/// <remarks>
/// Begins and ends on one thread. Disposing always ends the recording, and throws away what <see cref="End"/> has not
/// fetched. While it lasts, releases of native objects in the context are queued. A host application that frees device
/// memory on another thread can still invalidate it.
/// </remarks>
internal sealed class StreamCapture : IDisposable
{
    private readonly CudaStream _stream;
    private bool _isEnded;

    internal StreamCapture(CudaStream stream)
    {
        _stream = stream;
        stream.ThrowIfCapturing("capture");
        using var scope = stream.Context.Enter();
        // The flag goes up first: a release between it and the capture is queued, one before it has happened.
        stream.Context.BeginCapture();
        var status = CudaApi.cuStreamBeginCapture_v2(stream.Handle,
            CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
        if (status != CUresult.CUDA_SUCCESS)
        {
            _isEnded = true;
            stream.Context.EndCapture();
            status.ThrowIfFailed("cuStreamBeginCapture_v2(THREAD_LOCAL)");
        }
        stream.IsCapturing = true;
    }

    /// <summary>Whether the recording is still good: an operation that cannot be recorded invalidates it.</summary>
    public bool IsValid
    {
        get
        {
            if (_isEnded) return false;
            using var scope = _stream.Context.Enter();
            CudaApi.cuStreamIsCapturing(_stream.Handle, out var status).ThrowIfFailed();
            return status == CUstreamCaptureStatus.CU_STREAM_CAPTURE_STATUS_ACTIVE;
        }
    }

    /// <summary>Ends the recording and returns what was recorded.</summary>
    public CudaGraph End()
    {
        ObjectDisposedException.ThrowIf(_isEnded, this);
        using var scope = _stream.Context.Enter();
        var status = EndNative(out var graph);
        // An invalidated capture gives no graph, so there is nothing to destroy.
        status.ThrowIfFailed("cuStreamEndCapture");
        return new CudaGraph(_stream.Context, graph);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isEnded) return;
        var context = _stream.Context;
        if (context.IsLost || _stream.IsDisposed)
        {
            Lower();
            return;
        }
        // After a fault too: what is left in the context can be released only once the stream no longer records.
        using var scope = context.EnterToRelease();
        var status = EndNative(out var graph);
        // The reason to throw a recording away is in flight as an exception, or the caller's own decision.
        if (status == CUresult.CUDA_SUCCESS && graph.Value != 0) CudaApi.cuGraphDestroy(graph).ParkIfFailed(context);
        else if (!status.IsCapture()) status.ParkIfFailed(context, "cuStreamEndCapture");
    }

    private CUresult EndNative(out CUgraph graph)
    {
        try
        {
            return CudaApi.cuStreamEndCapture(_stream.Handle, out graph);
        }
        finally
        {
            Lower();
        }
    }

    private void Lower()
    {
        _isEnded = true;
        _stream.IsCapturing = false;
        _stream.Context.EndCapture();
    }
}
