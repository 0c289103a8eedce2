namespace Codat.Native.Interop;

/// <summary>
/// One native object and how to release it, or one that is borrowed and never released. Its finalizer only queues.
/// </summary>
/// <remarks>
/// Closing twice is harmless, and safe from two threads. Holds its context strongly, so a context outlives what was
/// made in it.
/// </remarks>
internal sealed unsafe class OwnedHandle : IDisposable
{
    private readonly nint _value;
    private readonly delegate*<CudaContext, nint, void> _release;
    private int _isClosed;

    /// <summary>
    /// Takes over a native object just created in <paramref name="context"/>; without
    /// <paramref name="release"/> it is borrowed.
    /// </summary>
    public OwnedHandle(CudaContext context, nint value, delegate*<CudaContext, nint, void> release)
    {
        Context = context;
        _value = value;
        _release = release;
        if (release is null) GC.SuppressFinalize(this);
        else context.Adopt();
    }

    ~OwnedHandle()
    {
        if (_isClosed == 0) Context.Defer(_value, _release);
    }

    /// <summary>The context the object lives in.</summary>
    public CudaContext Context { get; }

    /// <summary>False for a borrowed object.</summary>
    public bool IsOwned => _release is not null;

    /// <summary>True after <see cref="Dispose"/>.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed) != 0;

    /// <summary>The native value; throws in the name of <paramref name="owner"/> once closed.</summary>
    public nint Get(object owner)
    {
        ObjectDisposedException.ThrowIf(_isClosed != 0, owner);
        return _value;
    }

    /// <summary>Releases the object now, or after the capture that is running.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0) return;
        GC.SuppressFinalize(this);
        if (_release is not null) Context.Release(_value, _release);
    }
}
