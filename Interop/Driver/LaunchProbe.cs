using System.Diagnostics;

namespace Codat.Native.Interop;

/// <summary>One piece of work as a probe saw it: the device's clock in milliseconds since the probe's origin.</summary>
internal readonly record struct ProbedLaunch(string Name, double StartMs, double EndMs);

/// <summary>Times every launch on a stream by a pair of events around it.</summary>
/// <remarks>
/// Set as <see cref="CudaStream.Probe"/>; a stream without one pays for a look at a null. Only for eager work: events
/// inside a captured graph cannot be timed this way. One thread at a time.
/// </remarks>
internal sealed class LaunchProbe(CudaStream stream) : IDisposable
{
    private readonly List<CudaEvent> _events = [];
    private readonly List<string> _names = [];
    private CudaEvent? _origin;

    /// <summary>Launches seen since <see cref="Restart"/>.</summary>
    public int Count => _names.Count;

    /// <summary>The host's clock (ticks of <see cref="Stopwatch"/>) at the origin of the device's.</summary>
    public long OriginTicks { get; private set; }

    /// <summary>Forgets what was seen; the origin of time is now. Waits for the stream.</summary>
    public void Restart()
    {
        _names.Clear();
        _origin ??= CudaEvent.Create(stream.Context, hasTiming: true);
        stream.Synchronize();
        stream.Record(_origin);
        _origin.Synchronize();
        OriginTicks = Stopwatch.GetTimestamp();
    }

    /// <summary>Work of that name comes next on the stream.</summary>
    public void Begin(string name)
    {
        var first = 2 * _names.Count;
        while (_events.Count < first + 2) _events.Add(CudaEvent.Create(stream.Context, hasTiming: true));
        stream.Record(_events[first]);
        _names.Add(name);
    }

    /// <summary>It has been enqueued.</summary>
    public void End() => stream.Record(_events[2 * _names.Count - 1]);

    /// <summary>The times of a launch, which must have finished.</summary>
    public ProbedLaunch Read(int launch)
    {
        if (_origin is null) throw new InvalidOperationException("the probe was not started");
        return new ProbedLaunch(_names[launch], _events[2 * launch].ElapsedMs(_origin),
            _events[2 * launch + 1].ElapsedMs(_origin));
    }

    public void Dispose()
    {
        _origin?.Dispose();
        foreach (var e in _events) e.Dispose();
    }
}
