using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>One step of a plan as it ran, with the kernels that it launched.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Index">The step's place in it.</param>
/// <param name="Lane">Which of several plans that run at the same time; 0 where there is one.</param>
/// <param name="Kernels">In the order they ran; never empty.</param>
internal sealed record TracedStep(Plan Plan, int Index, int Lane, IReadOnlyList<TraceSpan> Kernels)
{
    public PlanStep Step => Plan.Steps[Index];

    /// <summary>The layer it belongs to; outside of layers the operation.</summary>
    public string Layer => Step.Label.Length > 0 ? Step.Label : Step.Op.Name;

    public double Start => Kernels[0].Start;

    public double End => Kernels[^1].End;
}
