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
}
