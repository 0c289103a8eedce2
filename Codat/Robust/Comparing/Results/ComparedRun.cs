namespace Codat.Native.Robust;

/// <summary>
/// A finished run as its line in <c>runs.jsonl</c> tells it; not-a-number or empty where the line has no value.
/// </summary>
internal sealed record ComparedRun
{
    /// <summary>The label of its method.</summary>
    public required string Label { get; init; }

    /// <summary>Its seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Its folder, relative to that of the comparison; empty where it was not run here.</summary>
    public required string Run { get; init; }

    /// <summary>Why it ended.</summary>
    public required string Stopped { get; init; }

    /// <summary>Training images per second.</summary>
    public required double ImagesPerSecond { get; init; }

    /// <summary>The final test and the further evaluations, a row per attack.</summary>
    public required IReadOnlyList<AttackView> Attacks { get; init; }

    /// <summary>The attack of the final validation, or null.</summary>
    public AttackView? Validation { get; init; }

    /// <summary>Mean class weights of the chosen epoch; empty for methods without.</summary>
    public required double[] Weights { get; init; }

    /// <summary>Mean class risks of the chosen epoch.</summary>
    public required double[] Risks { get; init; }

    /// <summary>The distribution weights start from; empty where the line does not tell it.</summary>
    public double[] Prior { get; init; } = [];

    /// <summary>The variance of the class risks under the prior, mean over the steps of the chosen epoch.</summary>
    public double Variance { get; init; } = double.NaN;

    /// <summary>Its deviation over these steps.</summary>
    public double VarianceDeviation { get; init; } = double.NaN;

    /// <summary>The worst weights p* for the class risks of the validation split; empty where not computed.</summary>
    public required double[] Optimal { get; init; }

    /// <summary>The class risks p* follows from.</summary>
    public required double[] OptimalRisks { get; init; }

    /// <summary>The row of an attack, or null.</summary>
    public AttackView? Attack(string name)
    {
        foreach (var attack in Attacks)
            if (attack.Name == name) return attack;
        return null;
    }
}
