using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>A step that a plan ran, in ticks of the host's clock.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Index">The step's place in it.</param>
/// <param name="Start">When it began.</param>
/// <param name="End">When it was over or enqueued.</param>
/// <param name="Launches">Launches seen by the probe up to its end; 0 without one.</param>
internal readonly record struct RanStep(Plan Plan, int Index, long Start, long End, int Launches)
{
    public string Name => $"{Plan.Steps[Index].Label} {Plan.Steps[Index].Op.Name}".Trim();
}

/// <summary>Writes down what plans run on one thread.</summary>
internal sealed class PlanLog(LaunchProbe? probe = null) : IPlanWatch
{
    public List<RanStep> Steps { get; } = [];

    public void Ran(Plan plan, int step, long start, long end) =>
        Steps.Add(new RanStep(plan, step, start, end, probe?.Count ?? 0));
}
