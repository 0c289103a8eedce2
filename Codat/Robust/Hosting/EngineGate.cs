using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Lets one call at a time into an engine, with its context current for as long as the call lasts.</summary>
internal sealed class EngineGate(EngineDevice device)
{
    private int _isBusy;
    private bool _isClosed;

    /// <summary>Enters, until what is returned is disposed.</summary>
    /// <exception cref="InvalidOperationException">Another thread is inside.</exception>
    /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
    public Use Enter()
    {
        ObjectDisposedException.ThrowIf(_isClosed, typeof(CodatEngine));
        if (Interlocked.Exchange(ref _isBusy, 1) != 0)
            throw new InvalidOperationException("an engine is used by one thread at a time");
        try
        {
            return new Use(this, device.Context is { } context ? context.Enter() : default);
        }
        catch
        {
            Volatile.Write(ref _isBusy, 0);
            throw;
        }
    }

    /// <summary>Enters for a call that gives the device work.</summary>
    /// <exception cref="CodatException">The host records a graph on its stream.</exception>
    public Use Begin()
    {
        var use = Enter();
        try
        {
            device.Link?.ThrowIfRecording();
            return use;
        }
        catch
        {
            use.Dispose();
            throw;
        }
    }

    /// <summary>Lets nobody in any more; false if that was so already.</summary>
    public bool Close()
    {
        var wasOpen = !_isClosed;
        _isClosed = true;
        return wasOpen;
    }

    /// <summary>One call.</summary>
    public readonly ref struct Use(EngineGate gate, ContextScope scope)
    {
        private readonly ContextScope _scope = scope;

        /// <summary>Makes current what was current before, and lets the next call in.</summary>
        public void Dispose()
        {
            _scope.Dispose();
            Volatile.Write(ref gate._isBusy, 0);
        }
    }
}
