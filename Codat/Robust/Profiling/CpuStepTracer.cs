using Codat.Native.Autograd;
using Codat.Native.Autograd.Cpu;

namespace Codat.Native.Robust;

/// <summary>Takes apart a step on the host processor: every op's kernel, and what each thread worked.</summary>
internal sealed class CpuStepTracer : StepTracer, IWorkerWatch
{
    private readonly CpuWorkers _workers;
    // Lanes of the attack run at the same time: each plan and each worker writes to a list of its own.
    private readonly (Plan Plan, int Lane, PlanLog Log)[] _plans;
    private readonly List<(long Start, long End)>[] _worked;

    public CpuStepTracer(StepProgram step, CpuDevice device) : base(step)
    {
        _workers = device.Workers;
        _worked = new List<(long, long)>[device.Threads];
        for (var i = 0; i < _worked.Length; i++) _worked[i] = [];
        var attacks = 0;
        _plans =
        [
            .. step.Plans.Select(plan => (plan,
                plan.Name.StartsWith(StepTrace.Attack, StringComparison.Ordinal) ? attacks++ : 0, new PlanLog())),
        ];
        foreach (var (plan, _, log) in _plans) plan.Watch = log;
        _workers.Watch = this;
    }

    public void Worked(int worker, long start, long end) => _worked[worker].Add((start, end));

    public override void Dispose()
    {
        foreach (var (plan, _, _) in _plans) plan.Watch = null;
        _workers.Watch = null;
    }

    protected override void Begin()
    {
        foreach (var (_, _, log) in _plans) log.Steps.Clear();
        foreach (var spans in _worked) spans.Clear();
    }

    protected override StepTrace End(ReadOnlySpan<long> marks)
    {
        var origin = marks[0];
        var phases = HostPhases(marks, origin);
        var steps = new List<TracedStep>();
        var host = new List<(int, TraceSpan)>();
        foreach (var phase in phases) host.Add((0, phase));
        foreach (var (plan, lane, log) in _plans)
        {
            foreach (var ran in log.Steps)
            {
                var step = plan.Steps[ran.Index];
                var kernel = $"{step.Op.Name} {step.Kernel.Variant}".TrimEnd();
                steps.Add(new TracedStep(plan, ran.Index, lane, [Span(kernel, ran.Start, ran.End, origin)]));
                // Where there are several lanes, each belongs to the worker of its number.
                host.Add((lane, Span(ran.Name, ran.Start, ran.End, origin)));
            }
        }
        for (var worker = 0; worker < _worked.Length; worker++)
            foreach (var (start, end) in _worked[worker]) host.Add((worker, Span("tiles", start, end, origin)));
        return new StepTrace(phases, steps, host, IsEnqueued: false);
    }
}
