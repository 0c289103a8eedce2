namespace Codat.Native.Interop;

/// <summary>A queue of work on a device, in order; owned, or borrowed from the host application.</summary>
/// <remarks>One thread at a time.</remarks>
public sealed unsafe class CudaStream : IDisposable
{
    // CU_STREAM_PER_THREAD; below it lie the two names of the legacy stream.
    private const nint LastDefaultStream = 2;

    private readonly OwnedHandle _handle;

    internal CudaStream(OwnedHandle handle) => _handle = handle;

    /// <summary>The context it was made in.</summary>
    public CudaContext Context => _handle.Context;

    /// <summary>False for a borrowed stream, which is never destroyed.</summary>
    public bool IsOwned => _handle.IsOwned;

    /// <summary>The native stream, for code that calls the driver itself.</summary>
    public nint DangerousHandle => Handle.Value;

    internal CUstream Handle => new(_handle.Get(this));

    internal bool IsDisposed => _handle.IsClosed;

    /// <summary>True while the stream records into a graph instead of running.</summary>
    internal bool IsCapturing { get; set; }

    /// <summary>Who times the work enqueued here; null but in a profile.</summary>
    internal LaunchProbe? Probe { get; set; }

    /// <summary>Creates a stream that never waits for the legacy default stream.</summary>
    /// <param name="context">Where it lives.</param>
    /// <param name="priority">Lower numbers go first; the driver keeps it within the device's range.</param>
    public static CudaStream Create(CudaContext context, int priority = 0)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var scope = context.Enter();
        CudaApi.cuStreamCreateWithPriority(out var handle, CUstream_flags.CU_STREAM_NON_BLOCKING, priority)
            .ThrowIfFailed();
        return new CudaStream(new OwnedHandle(context, handle.Value, &Destroy));
    }

    /// <summary>Borrows a stream of the host application; it must belong to the context and not be recording.</summary>
    /// <remarks>
    /// The legacy default stream (0 or 1) and a thread's default stream (2) are refused: the first waits for every
    /// other stream of the context, the second is another one on every thread.
    /// </remarks>
    /// <exception cref="CodatException">It is a default stream, of another context, recording, or faulted.</exception>
    public static CudaStream Attach(CudaContext context, nint cuStream)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (cuStream is >= 0 and <= LastDefaultStream)
        {
            throw new CodatException("a default stream cannot be attached", "CUDA stream", "a stream that was created",
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"handle {cuStream}"),
                "create one in the host application (cuStreamCreate) and attach that");
        }
        using var scope = context.Enter();
        var handle = new CUstream(cuStream);
        CudaApi.cuStreamGetCtx(handle, out var owner).ThrowIfFailed();
        if (owner != context.Handle)
        {
            throw new CodatException("the attached stream belongs to another context", "CUDA stream",
                Address(context.Handle.Value), Address(owner.Value), "attach the context the stream was created in");
        }
        var stream = new CudaStream(new OwnedHandle(context, cuStream, null));
        stream.ThrowIfRecording();
        // Faults of the host's kernels are found here and not in the middle of work.
        stream.Query();
        return stream;
    }

    /// <summary>Creates an event and records it here.</summary>
    public CudaEvent Record()
    {
        var e = CudaEvent.Create(Context);
        try
        {
            Record(e);
            return e;
        }
        catch
        {
            e.Dispose();
            throw;
        }
    }

    /// <summary>Records an event after everything enqueued so far.</summary>
    public void Record(CudaEvent e)
    {
        ArgumentNullException.ThrowIfNull(e);
        using var scope = Context.Enter();
        CudaApi.cuEventRecord(e.Handle, Handle).ThrowIfFailed();
    }

    /// <summary>Makes everything enqueued from now on wait for an event; this thread does not wait.</summary>
    public void WaitFor(CudaEvent e)
    {
        ArgumentNullException.ThrowIfNull(e);
        using var scope = Context.Enter();
        CudaApi.cuStreamWaitEvent(Handle, e.Handle, 0).ThrowIfFailed();
    }

    /// <summary>Blocks this thread until everything enqueued has finished; faults of kernels are thrown here.</summary>
    public void Synchronize()
    {
        using var scope = Context.Enter();
        ThrowIfCapturing("wait for");
        CudaApi.cuStreamSynchronize(Handle).ThrowIfFailed();
    }

    /// <summary>Whether everything enqueued has finished.</summary>
    public bool Query()
    {
        using var scope = Context.Enter();
        ThrowIfCapturing("ask");
        var status = CudaApi.cuStreamQuery(Handle);
        if (status == CUresult.CUDA_ERROR_NOT_READY) return false;
        status.ThrowIfFailed("cuStreamQuery");
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    /// <summary>Records an event so that time can be measured between two of them inside a graph.</summary>
    internal void RecordExternal(CudaEvent e)
    {
        using var scope = Context.Enter();
        CudaApi.cuEventRecordWithFlags(e.Handle, Handle, CUevent_record_flags.CU_EVENT_RECORD_EXTERNAL)
            .ThrowIfFailed();
    }

    /// <summary>Records what is enqueued here, until the capture is ended or disposed on this thread.</summary>
    internal StreamCapture BeginCapture() => new(this);

    /// <summary>Refuses to work on a stream that its owner records into a graph: nothing of it would run.</summary>
    internal void ThrowIfRecording()
    {
        using var scope = Context.Enter();
        CudaApi.cuStreamIsCapturing(Handle, out var status).ThrowIfFailed();
        if (status == CUstreamCaptureStatus.CU_STREAM_CAPTURE_STATUS_NONE) return;
        throw new CodatException("the attached stream is recording a graph", "CUDA stream",
            fix: "end the host's capture first");
    }

    internal void ThrowIfCapturing(string verb)
    {
        // The native call would end the capture and name another operation than this one.
        if (IsCapturing)
            throw new InvalidOperationException($"It is not possible to {verb} a stream that records a graph.");
    }

    private static string Address(nint value) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"context 0x{value:x}");

    private static void Destroy(CudaContext context, nint handle) =>
        CudaApi.cuStreamDestroy_v2(new CUstream(handle)).ParkIfFailed(context);
}
