using System.Text.Json.Nodes;

namespace Codat.Native.Robust;

/// <summary>The finished runs of a plan, summed up by method.</summary>
/// <param name="Name">The name of the plan.</param>
/// <param name="Baseline">The label of the baseline of methods that name none, or null.</param>
/// <param name="Seeds">The seeds of the plan.</param>
/// <param name="Methods">The methods in plan order; those without a finished run have no attacks.</param>
/// <param name="Tests">Worst classes against those of the baselines.</param>
internal sealed record Comparison(string Name, string? Baseline, IReadOnlyList<ulong> Seeds,
    IReadOnlyList<ComparedMethod> Methods, IReadOnlyList<ComparedTest> Tests)
{
    /// <summary>Names of all rows, in the order of the first method that has them.</summary>
    public IReadOnlyList<string> Attacks =>
        [.. Methods.SelectMany(m => m.Attacks).Select(a => a.Name).Distinct()];

    /// <summary>The attack the page is about: the one of the final test with the lowest average, else any.</summary>
    public string? Strongest => Methods.SelectMany(m => m.Attacks)
        .Where(a => a.Name != "clean" && a.Evaluation is null && a.Name != EvaluationRun.WorstOfAll)
        .OrderBy(a => a.Average.Mean).FirstOrDefault()?.Name ?? (Attacks.Count > 0 ? Attacks[^1] : null);

    /// <summary>Sums up finished runs.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="runs">Its finished runs.</param>
    /// <param name="settings">The settings of each method, in plan order.</param>
    public static Comparison Of(ComparePlan plan, IReadOnlyList<ComparedRun> runs, IReadOnlyList<JsonObject> settings)
    {
        var methods = new List<ComparedMethod>();
        foreach (var (planned, own) in plan.Methods.Zip(settings))
        {
            var mine = runs.Where(r => r.Label == planned.Label).ToArray();
            own.Remove("seed");
            var attacks = new List<ComparedAttack>();
            foreach (var name in mine.SelectMany(r => r.Attacks).Select(a => a.Name).Distinct())
                attacks.Add(Sum(name, mine, planned.Label));
            methods.Add(new ComparedMethod(planned, own, mine, attacks, ComparedWeights.InSteps(mine)));
        }
        var pairs = methods.ConvertAll(m => (Method: m, Baseline: methods.Find(
            b => b.Label == (m.Planned.Baseline ?? plan.Baseline) && b.Label != m.Label)));
        return new Comparison(plan.Name, plan.Baseline, plan.Seeds,
            [.. pairs.Select(p => Measure(p.Method, p.Baseline))], ComparedTest.All(pairs));
    }

    private static ComparedAttack Sum(string name, ComparedRun[] runs, string label)
    {
        var seeds = runs.Select(r => r.Attack(name)).OfType<AttackView>().ToArray();
        var bootstrap = SeedBootstrap.Of(label, seeds);
        var classes = seeds[0].PerClass.Select(c => new ComparedClass(c.Class, c.Name,
            SeedStatistic.Of([.. seeds.Select(s => s.Find(c.Class)?.Accuracy ?? double.NaN)])));
        return new ComparedAttack(name, bootstrap.Statistic(SeedQuantity.Average),
            bootstrap.Statistic(SeedQuantity.Worst), bootstrap.Statistic(SeedQuantity.Spread), [.. classes])
        {
            Bimodality = ComparedBimodality.Of(label, seeds), Errors = Errors(name, seeds[0].Evaluation, runs),
            Evaluation = seeds[0].Evaluation,
        };
    }

    /// <summary>Rows of a further evaluation are held against its own clean row.</summary>
    private static ComparedErrors? Errors(string name, string? evaluation, ComparedRun[] runs)
    {
        var clean = evaluation is null ? "clean" : evaluation + "/clean";
        if (name == clean) return null;
        return ComparedErrors.Of([.. runs.Select(r => (Robust: r.Attack(name), Clean: r.Attack(clean)))
            .Where(r => r is { Robust: not null, Clean: not null }).Select(r => (r.Robust!, r.Clean!))]);
    }

    private static ComparedMethod Measure(ComparedMethod method, ComparedMethod? baseline) => method with
    {
        Attacks = [.. method.Attacks.Select(a => baseline?.Find(a.Name) is { } b
                ? a with
                {
                    Against = AgainstBaseline.Of(a.Worst.Mean, a.Average.Mean, b.Worst.Mean, b.Average.Mean),
                }
                : a)],
    };
}
