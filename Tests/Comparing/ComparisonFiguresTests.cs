using System.Text.Json.Nodes;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Figures of comparisons of many methods.</summary>
internal sealed class ComparisonFiguresTests
{
    // With seven methods the seventh has the colour of the first again.
    [TestCase(6)]
    [TestCase(3)]
    public void ErrorsFigure_TheBaselineAndTheBest_HaveDifferentColours(int best)
    {
        string list = string.Join(',', Enumerable.Range(0, 7).Select(i => $$"""{ "label": "run{{i}}" }"""));
        ComparePlan plan = PlanReader.Read($$"""{ "name": "p", "runs": [{{list}}] }""", "p");
        var runs = plan.Methods.Select((m, i) => Run(m.Label, i == best ? 0.3 : 0.1));
        var comparison = Comparison.Of(plan, [.. runs], [.. plan.Methods.Select(_ => new JsonObject())]);

        var legend = ErrorsSection.Figures(PageMethod.All(comparison, "none"), "pgd-2").First().Legend;

        Assert.That(legend.Select(l => l.Name[^4..]), Is.EqualTo(new[] { "run0", $"run{best}" }));
        Assert.That(legend[1].Tone, Is.Not.EqualTo(legend[0].Tone));
    }

    private static ComparedRun Run(string label, double worst) => new()
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
