using System.Text.Json.Nodes;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Which method is measured against which.</summary>
internal sealed class ComparisonBaselineTests
{
    [Test]
    public void Of_BaselinesOfTheirOwn_AreUsedInPlaceOfThePlans()
    {
        Comparison comparison = Compare("""
            { "name": "p", "baseline": "A", "runs": [
              { "label": "A" }, { "label": "B" }, { "label": "C", "baseline": "B" }, { "label": "D", "baseline": "D" } ] }
            """, 0.1, 0.2, 0.4, 0.3);

        var tests = comparison.Tests.Where(t => t.Attack == "pgd-2").ToArray();
        Assert.That(tests.Select(t => (t.Label, t.Baseline)), Is.EqualTo(new[] { ("B", "A"), ("C", "B") }));
        Assert.That(tests.Select(t => t.Difference), Is.EqualTo(new[] { 0.1, 0.2 }).Within(1e-12));
        // Averages are 0.4, 0.4333, 0.5: rho against B is 0.2/0.2 + 0.0667/0.4333.
        Assert.That(comparison.Methods[2].Find("pgd-2")!.Against!.Value.Rho, Is.EqualTo(1 + 0.2 / 1.3).Within(1e-12));
        Assert.That(comparison.Methods[3].Find("pgd-2")!.Against, Is.Null);
    }

    [Test]
    public void Of_NoBaselineOfThePlan_TestsOnlyMethodsThatNameOne()
    {
        Comparison comparison = Compare("""
            { "name": "p", "runs": [ { "label": "A" }, { "label": "B", "baseline": "A" }, { "label": "C" } ] }
            """, 0.1, 0.2, 0.4);

        Assert.That(comparison.Baseline, Is.Null);
        Assert.That(comparison.Tests.Select(t => (t.Label, t.Baseline)).Distinct(), Is.EqualTo(new[] { ("B", "A") }));
    }

    private static Comparison Compare(string json, params double[] worst)
    {
        ComparePlan plan = PlanReader.Read(json, "p");
        return Comparison.Of(plan, [.. plan.Methods.Select((m, i) => ComparedRuns.Of(m.Label, worst[i]))],
            [.. plan.Methods.Select(_ => new JsonObject())]);
    }
}
