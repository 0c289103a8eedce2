namespace Codat.Native.Robust;

/// <summary>A method under one attack; fractions from 0 to 1.</summary>
/// <param name="Name">The attack, or NAME/ATTACK of a further evaluation.</param>
/// <param name="Average">Accuracy over images.</param>
/// <param name="Worst">Accuracy of the worst class of each seed.</param>
/// <param name="Spread">Best minus worst class.</param>
/// <param name="PerClass">A row per class.</param>
internal sealed record ComparedAttack(string Name, SeedStatistic Average, SeedStatistic Worst, SeedStatistic Spread,
    IReadOnlyList<ComparedClass> PerClass)
{
    /// <summary>Means measured against those of the baseline; null for the baseline itself and without one.</summary>
    public AgainstBaseline? Against { get; init; }

    /// <summary>Whether its classes fall into two groups; null for fewer than two classes.</summary>
    public ComparedBimodality? Bimodality { get; init; }

    /// <summary>The further evaluation of the plan it is a row of; null for the final test.</summary>
    public string? Evaluation { get; init; }

    /// <summary>
    /// What goes along with the errors of its classes; null for clean images and without a clean row.
    /// </summary>
    public ComparedErrors? Errors { get; init; }
}

/// <summary>One class under one attack; the interval is not known.</summary>
internal sealed record ComparedClass(int Class, string Name, SeedStatistic Accuracy);
