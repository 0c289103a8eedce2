using System.Collections.Concurrent;

namespace Codat.Native.Interop;

/// <summary>A device's context: the primary one, retained, or one that belongs to somebody else.</summary>
/// <remarks>
/// Thread-safe. Errors of releases are parked and thrown by <see cref="Drain"/>. After a fault on the device every use
/// throws <see cref="CudaContextPoisonedException"/>. Disposing gives the context back once everything made in it is
/// gone; a borrowed context is never destroyed, and its flags, limits and legacy stream are never touched.
/// </remarks>
public sealed unsafe class CudaContext : IDisposable
{
    [ThreadStatic]
    private static CudaContext? s_entered;

    [ThreadStatic]
    private static int s_capturesOfThread;

    private readonly int _deviceHandle;
    private readonly DeferredReleaseQueue _releases = new();
    private readonly ConcurrentQueue<Exception> _parked = new();
    // Held while something is released and while a capture begins or ends, so that the two cannot overlap.
    private readonly Lock _releaseGate = new();
    private volatile CudaException? _poison;
    private volatile bool _isLost;
    private volatile bool _isDisposed;
    private bool _isGivenBack;
    private int _captures;
    private int _liveObjects;

    internal CudaContext(CUcontext handle, int deviceHandle, CudaDeviceInfo device, bool isOwned)
    {
        Handle = handle;
        _deviceHandle = deviceHandle;
        Device = device;
        IsOwned = isOwned;
    }

    /// <summary>The device.</summary>
    public CudaDeviceInfo Device { get; }

    /// <summary>Whether disposing gives the context back; false for a borrowed one.</summary>
    public bool IsOwned { get; }

    /// <summary>The native context, for code that calls the driver itself.</summary>
    public nint DangerousHandle => Handle.Value;

    /// <summary>The first fault on the device, after which nothing can succeed here; null while all is well.</summary>
    public CudaException? Fault => _poison;

    /// <summary>Native objects made here and not yet released.</summary>
    public int LiveObjects => Volatile.Read(ref _liveObjects);

    internal CUcontext Handle { get; }

    /// <summary>The context whose scope this thread is in.</summary>
    internal static CudaContext? Entered => s_entered;

    /// <summary>True while this thread records into a graph: it may neither allocate nor wait.</summary>
    internal static bool IsThreadCapturing => s_capturesOfThread > 0;

    /// <summary>True while any stream of the context is recording; releases wait for the end.</summary>
    internal bool IsCapturing => Volatile.Read(ref _captures) > 0;

    internal int PendingReleases => _releases.Count;

    internal int ParkedErrors => _parked.Count;

    /// <summary>Retains the primary context of a device: the one that every library in the process shares.</summary>
    public static CudaContext RetainPrimary(int ordinal = 0)
    {
        int device = CudaDriver.GetDevice(ordinal);
        var info = CudaDeviceInfo.Read(device, ordinal);
        CudaApi.cuDevicePrimaryCtxRetain(out var handle, device).ThrowIfFailed(info);
        return new CudaContext(handle, device, info, isOwned: true);
    }

    /// <summary>Borrows a context of the host application, which keeps it alive and destroys it.</summary>
    /// <remarks>
    /// Destroying it while it is attached is undefined behaviour in CUDA. Where the driver notices, every use from then
    /// on throws <see cref="CudaContextLostException"/>.
    /// </remarks>
    /// <exception cref="CudaContextLostException">It is destroyed, or no context of this process.</exception>
    /// <exception cref="CodatException">A kernel of the host has faulted in it.</exception>
    public static CudaContext Attach(nint cuContext)
    {
        ArgumentOutOfRangeException.ThrowIfZero(cuContext);
        CudaDriver.Initialize();
        var handle = new CUcontext(cuContext);
        ThrowIfUnfit(CudaApi.cuCtxPushCurrent_v2(handle), handle, "cuCtxPushCurrent_v2");
        CudaContext? attached = null;
        try
        {
            ThrowIfUnfit(CudaApi.cuCtxGetDevice(out int device), handle, "cuCtxGetDevice");
            attached = new(handle, device, CudaDeviceInfo.Read(device, FindOrdinal(device)), isOwned: false);
            return attached;
        }
        finally
        {
            var status = CudaApi.cuCtxPopCurrent_v2(out _);
            // Without a context the reason is in flight as an exception.
            if (attached is not null) status.ParkIfFailed(attached, "cuCtxPopCurrent_v2");
        }
    }

    /// <summary>Makes the context current on this thread until the scope is disposed.</summary>
    /// <remarks>Whoever makes another context current inside the scope makes this one current again.</remarks>
    public ContextScope Enter()
    {
        ThrowIfUnusable();
        var outer = s_entered;
        if (outer == this) return new ContextScope(this, outer, isPushed: false);
        CudaApi.cuCtxGetCurrent(out var current).ThrowIfFailed(this);
        bool push = current != Handle;
        if (push) CudaApi.cuCtxPushCurrent_v2(Handle).ThrowIfFailed(this);
        s_entered = this;
        return new ContextScope(this, outer, push);
    }

    /// <summary>Free and total bytes of the device right now, other processes included.</summary>
    public (long FreeBytes, long TotalBytes) GetMemory()
    {
        using var scope = Enter();
        CudaApi.cuMemGetInfo_v2(out nuint free, out nuint total).ThrowIfFailed();
        return ((long)free, (long)total);
    }

    /// <summary>Releases what finalizers and captures have left, then throws the errors of releases since.</summary>
    public void Drain()
    {
        using (Enter()) RunReleases();
        ThrowParked();
    }

    /// <summary>Waits for everything enqueued on the device's context, on any stream.</summary>
    public void Synchronize()
    {
        using var scope = Enter();
        if (IsThreadCapturing) throw new InvalidOperationException("A thread that records a graph cannot wait.");
        CudaApi.cuCtxSynchronize().ThrowIfFailed();
    }

    /// <summary>Gives the context back: now, or when the last object made in it is released.</summary>
    public void Dispose()
    {
        lock (_releaseGate)
        {
            if (_isDisposed) return;
            RunReleases();
            _isDisposed = true;
            GiveBackIfUnused();
        }
    }

    /// <summary>Counts a native object that has just been made; its release function takes it off again.</summary>
    internal void Adopt() => Interlocked.Increment(ref _liveObjects);

    /// <summary>
    /// Releases a native object now, or when the captures have ended. Throws nothing, also in a faulted context.
    /// </summary>
    internal void Release(nint handle, delegate*<CudaContext, nint, void> release)
    {
        lock (_releaseGate)
        {
            _releases.Enqueue(handle, release);
            RunReleases();
            GiveBackIfUnused();
        }
    }

    /// <summary>Queues a release: all that a finalizer may do.</summary>
    internal void Defer(nint handle, delegate*<CudaContext, nint, void> release) => _releases.Enqueue(handle, release);

    /// <summary>Keeps an error of a path that may not throw, for <see cref="Drain"/>.</summary>
    internal void Park(Exception error)
    {
        // After a fault everything fails; the fault itself is what there is to know.
        if (_poison is null) _parked.Enqueue(error);
    }

    /// <summary>Remembers the first fault and returns what to throw for this one.</summary>
    internal Exception Poison(CudaException error)
    {
        var first = Interlocked.CompareExchange(ref _poison, error, null);
        return first is null ? error : new CudaContextPoisonedException(first, Device.ToString());
    }

    /// <summary>
    /// Throws where a fault on the device is behind a library's failure. Libraries have statuses of their own and say
    /// only that something did not run; the driver repeats a fault to whoever asks.
    /// </summary>
    internal void ThrowIfFaulted(CodatException symptom)
    {
        // Asking for free memory neither waits nor ends anybody's recording.
        var status = CudaApi.cuMemGetInfo_v2(out _, out _);
        if (!status.IsPoison()) return;
        throw Poison(status.ToException(this, "cuMemGetInfo_v2, asked because a library failed", symptom));
    }

    /// <summary>Whether the owner of a borrowed context has destroyed it.</summary>
    internal bool IsLost => _isLost;

    /// <summary>
    /// Remembers that the host has destroyed a borrowed context, and everything in it, and returns what to throw.
    /// </summary>
    internal CudaContextLostException Lose(CudaException error)
    {
        Interlocked.CompareExchange(ref _poison, error, null);
        _isLost = true;
        return new CudaContextLostException(error, Handle.Value);
    }

    internal void BeginCapture()
    {
        lock (_releaseGate)
        {
            RunReleases();
            _captures++;
        }
        s_capturesOfThread++;
    }

    internal void EndCapture()
    {
        s_capturesOfThread = Math.Max(0, s_capturesOfThread - 1);
        lock (_releaseGate)
        {
            _captures--;
            RunReleases();
            GiveBackIfUnused();
        }
    }

    internal void Leave(CudaContext? outer, bool isPushed)
    {
        s_entered = outer;
        if (isPushed) CudaApi.cuCtxPopCurrent_v2(out _).ParkIfFailed(this);
    }

    internal void ThrowIfUnusable()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_isLost && _poison is { } gone) throw new CudaContextLostException(gone, Handle.Value);
        if (_poison is { } first) throw new CudaContextPoisonedException(first, Device.ToString());
    }

    private static void ThrowIfUnfit(CUresult status, CUcontext handle, string call)
    {
        if (status == CUresult.CUDA_SUCCESS) return;
        var error = status.ToException((CudaContext?)null, call);
        if (status.IsLostContext()) throw new CudaContextLostException(error, handle.Value);
        if (!status.IsPoison()) status.ThrowIfFailed(call);
        throw new CodatException("the attached CUDA context is unusable",
            CudaContextLostException.Describe(handle.Value), "a context without a fault", $"{error.Name}: {error.Text}",
            "a kernel of the host application has faulted before: restart the process", isUsage: false, error);
    }

    private static int FindOrdinal(int device)
    {
        int count = CudaDriver.DeviceCount;
        for (int i = 0; i < count; i++)
        {
            if (CudaDriver.GetDevice(i) == device) return i;
        }
        throw new CodatException("the attached context's device is not visible", "CUDA context", isUsage: false);
    }

    private void RunReleases()
    {
        lock (_releaseGate)
        {
            if (_captures > 0 || _releases.Count == 0) return;
            using var scope = EnterToRelease();
            // A context that its owner has destroyed has taken everything in it along.
            Interlocked.Add(ref _liveObjects, -(_isLost ? _releases.Forget() : _releases.Run(this)));
        }
    }

    /// <summary>Like <see cref="Enter"/>, but works in a faulted or disposed context and throws nothing.</summary>
    internal ContextScope EnterToRelease()
    {
        var outer = s_entered;
        if (outer == this) return new ContextScope(this, outer, isPushed: false);
        CudaApi.cuCtxGetCurrent(out var current).ParkIfFailed(this);
        bool push = !_isLost && current != Handle && !CudaApi.cuCtxPushCurrent_v2(Handle).ParkIfFailed(this);
        s_entered = this;
        return new ContextScope(this, outer, push);
    }

    private void GiveBackIfUnused()
    {
        if (!_isDisposed || _isGivenBack || LiveObjects > 0) return;
        _isGivenBack = true;
        if (IsOwned) CudaApi.cuDevicePrimaryCtxRelease_v2(_deviceHandle).ParkIfFailed(this);
    }

    private void ThrowParked()
    {
        if (!_parked.TryDequeue(out var first)) return;
        var errors = new List<Exception> { first };
        while (_parked.TryDequeue(out var next)) errors.Add(next);
        if (errors.Count == 1) throw first;
        throw new CodatException("several releases failed", Device.ToString(), null, first.Message, isUsage: false,
            inner: new AggregateException(errors));
    }
}
