using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>
/// Takes apart a step on a CUDA device: events around every launch, and what the host spent on enqueuing.
/// </summary>
internal sealed class CudaStepTracer : StepTracer
{
    private const double PerMs = 1000;

    private readonly CudaDevice _device;
    private readonly LaunchProbe _probe;
    private readonly PlanLog _log;

    public CudaStepTracer(StepProgram step, CudaDevice device) : base(step)
    {
        _device = device;
        _probe = new LaunchProbe(device.Stream);
        _log = new PlanLog(_probe);
        device.Stream.Probe = _probe;
        foreach (var plan in step.Plans) plan.Watch = _log;
    }

    public override void Dispose()
    {
        foreach (var plan in Step.Plans) plan.Watch = null;
        _device.Stream.Probe = null;
        _probe.Dispose();
    }

    protected override void Begin()
    {
        _log.Steps.Clear();
        _probe.Restart();
    }

    protected override StepTrace End(ReadOnlySpan<long> marks)
    {
        _device.Synchronize();
        var steps = new List<TracedStep>();
        var host = new List<(int, TraceSpan)>();
        foreach (var phase in HostPhases(marks, _probe.OriginTicks)) host.Add((0, phase));
        var first = 0;
        foreach (var ran in _log.Steps)
        {
            host.Add((0, Span(ran.Name, ran.Start, ran.End, _probe.OriginTicks)));
            // An op may find that there is nothing to launch.
            if (ran.Launches > first) steps.Add(new TracedStep(ran.Plan, ran.Index, 0, Read(first, ran.Launches)));
            first = ran.Launches;
        }
        TraceSpan[] phases =
            [.. steps.GroupBy(s => s.Plan.Name).Select(g => new TraceSpan(g.Key, g.First().Start, g.Last().End))];
        return new StepTrace(phases, steps, host, IsEnqueued: true);
    }

    private TraceSpan[] Read(int first, int end)
    {
        var kernels = new TraceSpan[end - first];
        for (var i = 0; i < kernels.Length; i++)
        {
            var launch = _probe.Read(first + i);
            kernels[i] = new TraceSpan(launch.Name, launch.StartMs * PerMs, launch.EndMs * PerMs);
        }
        return kernels;
    }
}
