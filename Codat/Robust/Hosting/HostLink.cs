using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Orders the engine's stream and the host's by events, on the device: no thread waits.</summary>
/// <remarks>Where the two are one stream, or there is no host's stream, there is nothing to order.</remarks>
internal sealed class HostLink : IDisposable
{
    private readonly CudaStream? _host;
    private readonly CudaStream _own;
    private readonly CudaEvent _forked, _done;

    public HostLink(CudaStream? host, CudaStream own)
    {
        (_host, _own) = (host, own);
        _forked = CudaEvent.Create(own.Context);
        try
        {
            _done = CudaEvent.Create(own.Context, blocks: true);
        }
        catch
        {
            _forked.Dispose();
            throw;
        }
    }

    private bool IsForked => _host is not null && _host.DangerousHandle != _own.DangerousHandle;

    /// <summary>Refuses to work while the host records a graph on its stream.</summary>
    public void ThrowIfRecording() => _host?.ThrowIfRecording();

    /// <summary>Lets the engine's stream wait for what the host's has been given so far, and for an event.</summary>
    public void Fork(CudaEvent? ready)
    {
        if (IsForked && _host is { } host)
        {
            host.Record(_forked);
            _own.WaitFor(_forked);
        }
        if (ready is not null) _own.WaitFor(ready);
    }

    /// <summary>Lets the host's stream wait for what the engine's has been given so far.</summary>
    public void Join()
    {
        // With a fault on the device nothing can be ordered any more, and the fault itself is on its way to the caller.
        if (_own.Context.Fault is not null) return;
        _own.Record(_done);
        if (IsForked) _host?.WaitFor(_done);
    }

    /// <summary>Waits until the engine's own work has finished, and not for what the host enqueued after it.</summary>
    public void Wait()
    {
        if (_own.Context.Fault is not null) return;
        if (_own.DangerousHandle == _host?.DangerousHandle) _done.Synchronize();
        else _own.Synchronize();
    }

    public void Dispose()
    {
        _forked.Dispose();
        _done.Dispose();
    }
}
