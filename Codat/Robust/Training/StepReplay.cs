using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Runs a step on a CUDA device: eagerly at first, then as one captured graph.</summary>
/// <remarks>
/// A capture that fails is tried once more, because memory that the host application frees on another thread can spoil
/// one; then the step stays eager and <see cref="Failure"/> says why. Both give the same bits.
/// </remarks>
internal sealed class StepReplay(CudaDevice device, Action enqueue) : IDisposable
{
    // The first runs load kernels and let libraries create what they create on first use.
    private const int EagerRuns = 2, Attempts = 2;

    private CapturedWork? _captured;
    private int _runs, _failures;

    /// <summary>Why the step is not captured; null while nothing has failed.</summary>
    public string? Failure { get; private set; }

    /// <summary>True once no further capture is tried.</summary>
    public bool GaveUp => _failures >= Attempts;

    /// <summary>Operations in the graph; 0 while the step is eager.</summary>
    public int NodeCount => _captured?.NodeCount ?? 0;

    /// <summary>Enqueues one step.</summary>
    public void Run()
    {
        if (_captured is null && _runs >= EagerRuns && !GaveUp) TryCapture();
        if (_captured is { } captured)
        {
            captured.Launch();
            return;
        }
        enqueue();
        _runs++;
    }

    public void Dispose() => _captured?.Dispose();

    private void TryCapture()
    {
        try
        {
            device.Session.Context.Drain();
            _captured = CapturedWork.Record(device, enqueue);
            Failure = null;
        }
        catch (CodatException e) when (device.Session.Context.Fault is null)
        {
            _failures++;
            Failure = e.Message;
        }
    }
}
