namespace Codat.Native.Interop;

/// <summary>A point in a stream's work: others wait for it, or time is measured between two of them.</summary>
public sealed unsafe class CudaEvent : IDisposable
{
    private readonly OwnedHandle _handle;

    private CudaEvent(OwnedHandle handle, bool hasTiming)
    {
        _handle = handle;
        HasTiming = hasTiming;
    }

    /// <summary>The context it was made in.</summary>
    public CudaContext Context => _handle.Context;

    /// <summary>Whether <see cref="ElapsedMs"/> can use it; events without timing are cheaper.</summary>
    public bool HasTiming { get; }

    /// <summary>The native event, for code that calls the driver itself.</summary>
    public nint DangerousHandle => Handle.Value;

    internal CUevent Handle => new(_handle.Get(this));

    /// <summary>Creates an event.</summary>
    /// <param name="context">Where it lives.</param>
    /// <param name="hasTiming">Whether time can be measured with it.</param>
    /// <param name="blocks">Whether waiting threads sleep instead of spinning.</param>
    public static CudaEvent Create(CudaContext context, bool hasTiming = false, bool blocks = false)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var scope = context.Enter();
        var flags = (hasTiming ? 0 : CUevent_flags.CU_EVENT_DISABLE_TIMING)
            | (blocks ? CUevent_flags.CU_EVENT_BLOCKING_SYNC : 0);
        CudaApi.cuEventCreate(out var handle, flags).ThrowIfFailed();
        return new CudaEvent(new OwnedHandle(context, handle.Value, &Destroy), hasTiming);
    }

    /// <summary>Borrows an event of the host application, to wait for.</summary>
    public static CudaEvent Attach(CudaContext context, nint cuEvent)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentOutOfRangeException.ThrowIfZero(cuEvent);
        return new CudaEvent(new OwnedHandle(context, cuEvent, null), hasTiming: false);
    }

    /// <summary>Whether everything before its last record has finished; true if it was never recorded.</summary>
    public bool Query()
    {
        using var scope = Context.Enter();
        var status = CudaApi.cuEventQuery(Handle);
        if (status == CUresult.CUDA_ERROR_NOT_READY) return false;
        status.ThrowIfFailed("cuEventQuery");
        return true;
    }

    /// <summary>Blocks this thread until everything before its last record has finished.</summary>
    public void Synchronize()
    {
        using var scope = Context.Enter();
        CudaApi.cuEventSynchronize(Handle).ThrowIfFailed();
    }

    /// <summary>Milliseconds from <paramref name="start"/> to here; both must have finished and have timing.</summary>
    public float ElapsedMs(CudaEvent start)
    {
        ArgumentNullException.ThrowIfNull(start);
        if (!HasTiming || !start.HasTiming)
            throw new InvalidOperationException("Time can be measured only between events created with timing.");
        using var scope = Context.Enter();
        float ms;
        if (CudaCapabilities.HasEventElapsedTime)
            CudaApi.cuEventElapsedTime(out ms, start.Handle, Handle).ThrowIfFailed();
        else CudaApi.cuEventElapsedTime_v2(out ms, start.Handle, Handle).ThrowIfFailed();
        return ms;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static void Destroy(CudaContext context, nint handle) =>
        CudaApi.cuEventDestroy_v2(new CUevent(handle)).ParkIfFailed(context);
}
