namespace Codat.Native.Robust;

/// <summary>
/// One training step, taken apart: phases, steps of plans with their kernels, and what host threads did.
/// </summary>
/// <param name="Phases">Prepare, attack and update, by the clock of the device.</param>
/// <param name="Steps">Steps of plans by the clock of the device; in order within a lane.</param>
/// <param name="Host">What threads of the host did, by number; 0 is the one that runs the step.</param>
/// <param name="IsEnqueued">Whether the host only enqueues what a device does later.</param>
internal sealed record StepTrace(IReadOnlyList<TraceSpan> Phases, IReadOnlyList<TracedStep> Steps,
    IReadOnlyList<(int Thread, TraceSpan Span)> Host, bool IsEnqueued)
{
    public const string Prepare = "prepare", Attack = "attack", Update = "update";

    /// <summary>Calls of kernels.</summary>
    public int Launches => Steps.Sum(step => step.Kernels.Count);
}
