namespace Codat.Native.Robust;

/// <summary>What one part of an attack saw on its way, in its first restart.</summary>
/// <param name="Part">The attack; of a composition, one of its parts.</param>
/// <param name="Steps">The step of each point of the curves, 0 before the first; where an attack has many steps, the
/// first of those that share the point.</param>
/// <param name="All">All images together.</param>
/// <param name="PerClass">The images of each class.</param>
public sealed record PartTelemetry(
    string Part, IReadOnlyList<int> Steps, StepCurves All, IReadOnlyList<StepCurves> PerClass);
