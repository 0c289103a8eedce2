using Codat.Native.Robust;

namespace Codat.Native.Tests;

/// <summary>Finished runs of one seed, made up.</summary>
internal static class ComparedRuns
{
    public static ComparedRun Of(string label, double worst) => new()
    {
        Label = label, Seed = 0, Run = "", Stopped = "done", ImagesPerSecond = 1, Weights = [], Risks = [], Optimal = [],
        OptimalRisks = [], Attacks = [Row("clean", 0.9, 0.7, 0.8), Row("pgd-2", 0.5, worst, 0.6)],
    };

    private static AttackView Row(string name, params double[] classes) => new()
    {
        Name = name, Average = classes.Average(), Worst = classes.Min(), Spread = classes.Max() - classes.Min(),
        PerClass = [.. classes.Select((c, k) => new ClassResultView(k, $"class {k}", 100, 100 * c, c, double.NaN, double.NaN, double.NaN))],
    };
}
