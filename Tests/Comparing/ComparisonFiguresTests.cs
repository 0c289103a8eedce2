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
        var runs = plan.Methods.Select((m, i) => ComparedRuns.Of(m.Label, i == best ? 0.3 : 0.1));
        var comparison = Comparison.Of(plan, [.. runs], [.. plan.Methods.Select(_ => new JsonObject())]);

        var legend = ErrorsSection.Figures(PageMethod.All(comparison, "none"), "pgd-2").First().Legend;

        Assert.That(legend.Select(l => l.Name[^4..]), Is.EqualTo(new[] { "run0", $"run{best}" }));
        Assert.That(legend[1].Tone, Is.Not.EqualTo(legend[0].Tone));
    }

    [Test]
    public void Strongest_AnAttackWithItsStepInItsName_IsOfTheFinalTest()
    {
        ComparePlan plan = PlanReader.Read("""{ "name": "p", "runs": [{ "label": "a" }] }""", "p");
        var run = ComparedRuns.Of("a", 0.3);
        run = run with
        {
            Attacks = [run.Attacks[0], run.Attacks[1] with { Name = "pgd-20@2/255" },
                run.Attacks[0] with { Name = "far/clean", Evaluation = "far" },
                run.Attacks[1] with { Name = "far/pgd-2@1/255", Evaluation = "far", Average = 0.01 }],
        };

        var comparison = Comparison.Of(plan, [run], [new JsonObject()]);

        Assert.That(comparison.Strongest, Is.EqualTo("pgd-20@2/255"));
        Assert.That(comparison.Methods[0].Attacks.Select(a => a.Errors is not null), Is.EqualTo(new[] { false, true, false, true }));
    }

    [Test]
    public void Evaluations_OfAPlanThatHasSome_AreARowEachWithAPointOfEachMethod()
    {
        ComparePlan plan = PlanReader.Read("""{ "name": "p", "runs": [{ "label": "a" }, { "label": "b" }] }""", "p");
        var runs = plan.Methods.Select((m, i) => ComparedRuns.Of(m.Label, 0.1 * (i + 1))).ToArray();
        var far = runs.Select(r => r with
        {
            Attacks = [.. r.Attacks, r.Attacks[1] with { Name = "far/pgd-2", Evaluation = "far", Worst = 0.05 }],
        });

        string page = Page([.. far], out var figures);

        Assert.That(figures, Is.EqualTo(new[] { "evaluations-worst", "evaluations-average" }));
        Assert.That(page, Does.Contain("<title>far/pgd-2, A  a: 5.0 %</title>").And.Contain("<title>pgd-2, B  b: 20.0 %</title>"));
        Assert.That(Page(runs, out figures), Is.Empty);
        Assert.That(figures, Is.Empty);

        string Page(ComparedRun[] finished, out string[] names)
        {
            var methods = PageMethod.All(
                Comparison.Of(plan, finished, [.. plan.Methods.Select(_ => new JsonObject())]), "none");
            names = [.. EvaluationsSection.Figures(methods).Select(f => f.Name)];
            return EvaluationsSection.Render(methods).Markup;
        }
    }
}
