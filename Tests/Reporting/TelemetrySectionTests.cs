using System.Text.Json.Nodes;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The section of a page about what attacks saw.</summary>
internal sealed class TelemetrySectionTests : ReportFixture
{
    [Test]
    public void WriteFor_RunWithTelemetry_ShowsCurvesFiguresAndAlarms()
    {
        var run = Fake("run", new FakeRun(1));
        Change(run, test =>
        {
            test["attacks"]![2]!["telemetry"] = new JsonArray(Part("pgd-100"));
            test["attacks"]![2]!["change"] = new JsonObject { ["most"] = 0.1, ["mostRounded"] = 0.10196, ["outside"] = 0, ["broken"] = 777, ["brokenRounded"] = 654 };
            test["checks"]!.AsArray().Add(new JsonObject { ["name"] = "zero-gradients", ["verdict"] = "fail", ["detail"] = "zero for 9 of 64 images" });
        });

        var page = WriteFor(run);

        Assert.That(page.Values("id"), Does.Contain("telemetry"));
        Assert.That(page.Values("href"), Does.Contain("#telemetry"));
        Assert.That(page.Texts, Does.Contain("Loss gained under pgd-100"));
        Assert.That(page.Texts, Does.Contain("654 of 777").And.Contain("0.100").And.Contain("0.102"));
        Assert.That(page.Texts, Does.Contain("12.5\u202F%").And.Contain("2.5\u202F%"), "most zero gradients, sign flips on average");
        Assert.That(page.Texts, Does.Contain("zero for 9 of 64 images"));
        Assert.That(page.Texts, Does.Not.Contain("Loss gained under pgd-20"));
    }

    [Test]
    public void WriteFor_AttackWithoutLoss_HasFiguresButNoCurve()
    {
        var run = Fake("run", new FakeRun(1));
        var part = Part("fab-t");
        foreach (var curves in part["perClass"]!.AsArray().Append(part["all"])) curves!["lossGain"] = null;
        Change(run, test => test["attacks"]![2]!["telemetry"] = new JsonArray(part));

        var page = WriteFor(run);

        Assert.That(page.Texts, Does.Contain("pgd-100, fab-t"));
        Assert.That(page.Texts.Where(t => t.StartsWith("Loss gained under", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void WriteFor_RunWithoutTelemetry_HasNoSuchSection() =>
        Assert.That(WriteFor(Fake("run", new FakeRun(1))).Values("id"), Does.Not.Contain("telemetry"));

    private static JsonObject Part(string name) => new()
    {
        ["part"] = name, ["steps"] = new JsonArray(0, 1, 2), ["all"] = Curves(1),
        ["perClass"] = new JsonArray([.. Enumerable.Range(0, 10).Select(k =>
        {
            var curves = Curves(1 + 0.1 * k);
            curves["class"] = k;
            return curves;
        })]),
    };

    private static JsonObject Curves(double scale) => new()
    {
        ["looks"] = new JsonArray(100, 100, 100), ["lossGain"] = new JsonArray(0.1 * scale, 0.5 * scale, 0.9 * scale),
        ["firstSuccess"] = new JsonArray(0, 5, 9), ["atBound"] = new JsonArray(0.0, 0.25, 0.5), ["zeroGradients"] = new JsonArray(0.125, 0.0, null),
        ["badGradients"] = new JsonArray(0.0, 0.0, null), ["signFlips"] = new JsonArray(null, 0.025, null),
    };

    private static void Change(string run, Action<JsonNode> change)
    {
        var path = Path.Combine(run, "final.json");
        var final = JsonNode.Parse(File.ReadAllText(path))!;
        change(final["test"]!);
        File.WriteAllText(path, final.ToJsonString());
    }
}
