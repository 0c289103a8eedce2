namespace Codat.Native.Robust;

/// <summary>How class risks become one loss: everything the weight step needs but the risks and the radius.</summary>
public sealed record ClassWeightSpec
{
    /// <summary>Mean over samples, mean over classes, or the worst case over the ball.</summary>
    public required ClassWeightKind Kind { get; init; }

    /// <summary>Published or exact weights.</summary>
    public WeightSolver Solver { get; init; } = WeightSolver.Exact;

    /// <summary>Numbers of the method's own.</summary>
    public MethodNumbers Numbers { get; init; } = MethodNumbers.None;

    /// <summary>Where risks come from.</summary>
    public ClassRiskPolicy Policy { get; init; } = ClassRiskPolicy.Batch;

    /// <summary>Plain or debiased variance.</summary>
    public VarianceKind Variance { get; init; } = VarianceKind.Plain;

    /// <summary>Whether every step records how much of the variance of the class risks is sampling noise.</summary>
    internal bool MeasuresNoise { get; init; }
}
