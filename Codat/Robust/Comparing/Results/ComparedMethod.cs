using System.Text.Json.Nodes;

namespace Codat.Native.Robust;

/// <summary>A method over its seeds.</summary>
/// <param name="Planned">The method as planned.</param>
/// <param name="Settings">Its settings, less the seed.</param>
/// <param name="Runs">Its finished runs, in the order of the plan's seeds.</param>
/// <param name="Attacks">A row per attack.</param>
/// <param name="Weights">The class weights of its steps, or null.</param>
internal sealed record ComparedMethod(PlannedMethod Planned, JsonObject Settings, IReadOnlyList<ComparedRun> Runs,
    IReadOnlyList<ComparedAttack> Attacks, ComparedWeights? Weights)
{
    /// <summary>Its label.</summary>
    public string Label => Planned.Label;

    /// <summary>The worst class weights p* of its networks on the validation split, or null.</summary>
    public ComparedWeights? Optimal => ComparedWeights.AtTheEnd(Runs);

    /// <summary>The variance of the class risks in a step of the chosen epoch, mean over seeds.</summary>
    public double Variance => SeedStatistic.Of([.. Runs.Select(r => r.Variance)]).Mean;

    /// <summary>Its deviation between the steps, mean over seeds.</summary>
    public double VarianceDeviation => SeedStatistic.Of([.. Runs.Select(r => r.VarianceDeviation)]).Mean;

    /// <summary>
    /// The worst class on the validation split, over seeds: what numbers of a method are to be chosen by, as the test
    /// split tells how well the choice did. Not-a-number without validation.
    /// </summary>
    public SeedStatistic Validation => SeedStatistic.Of([.. Runs.Select(r => r.Validation?.Worst ?? double.NaN)]);

    /// <summary>The attack of the validation, or null.</summary>
    public string? ValidationAttack => Runs.Select(r => r.Validation?.Name).FirstOrDefault(name => name is not null);

    /// <summary>The row of an attack, or null.</summary>
    public ComparedAttack? Find(string? attack)
    {
        foreach (var row in Attacks)
            if (row.Name == attack) return row;
        return null;
    }
}
