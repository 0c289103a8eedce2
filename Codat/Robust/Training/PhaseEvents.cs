using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Times the phases of a step on a CUDA device by events, also where the step is one captured graph.</summary>
/// <remarks>The host does not know when the device is where; an event does.</remarks>
internal sealed class PhaseEvents : IDisposable
{
    /// <summary>Before the step, and after each of its three phases.</summary>
    public const int Start = 0, Prepared = 1, Attacked = 2, Updated = 3;

    private const double MsPerSecond = 1000;

    private readonly CudaStream _stream;
    private readonly CudaEvent[] _events = new CudaEvent[4];

    public PhaseEvents(CudaDevice device)
    {
        _stream = device.Stream;
        try
        {
            for (var i = 0; i < _events.Length; i++) _events[i] = CudaEvent.Create(_stream.Context, hasTiming: true);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Marks a point between phases.</summary>
    public void Mark(int point)
    {
        // Inside a graph only an external record can be timed.
        if (_stream.IsCapturing) _stream.RecordExternal(_events[point]);
        else _stream.Record(_events[point]);
    }

    /// <summary>Seconds from one point to a later one of the last step; waits for it.</summary>
    public double Seconds(int from, int to)
    {
        _events[to].Synchronize();
        return _events[to].ElapsedMs(_events[from]) / MsPerSecond;
    }

    public void Dispose()
    {
        // Where making them failed, the later ones are not there.
        foreach (var e in _events) e?.Dispose();
    }
}
