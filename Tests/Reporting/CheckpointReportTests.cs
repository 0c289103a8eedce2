using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using Codat.Native.Interop;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Evaluations of several checkpoints in one report: measures, tests, and what cannot be compared.</summary>
internal sealed class CheckpointReportTests : ReportFixture
{
    private static readonly FakeEvaluation s_at = new(1, 0.75, "pgd-20", "square");
    private static readonly FakeEvaluation s_codat = new(2, 0.8, "pgd-20", "square");
    private static readonly FakeEvaluation s_third = new(3, 0.6, "pgd-20", "square");

    [Test]
    public void WriteAll_WithABaseline_HasMcNemarsTestsOfEveryRun()
    {
        var outcome = Compare([s_at, s_codat, s_third], baseline: 0);

        var tests = outcome.Comparison!["tests"]!.AsArray();
        Assert.That(tests, Has.Count.EqualTo(4 * 2 * (1 + 4)), "attacks, runs, all images and four classes");
        foreach (var attack in s_at.Rows)
        {
            var whole = new[] { s_codat, s_third }.Select(own => P(s_at, own, attack, [.. Enumerable.Range(0, FakeEvaluation.Images)])).ToArray();
            var single = new[] { s_codat, s_third }.SelectMany(own => Enumerable.Range(0, 4)
                .Select(k => P(s_at, own, attack, FakeEvaluation.Of(k)))).ToArray();
            var found = tests.Where(t => t!["attack"]!.ToString() == attack).ToArray();
            Agree([.. found.Where(t => t!["class"] is null)], whole);
            Agree([.. found.Where(t => t!["class"] is not null)], single);
        }
        Assert.That(tests.Select(t => t!["baseline"]!.ToString()), Has.All.EqualTo("run0"));
    }

    [Test]
    public void WriteAll_Rows_HaveTheMeasuresOfTheCounts()
    {
        var outcome = Compare([s_at, s_codat], baseline: 0);

        foreach (var (own, i) in new[] { (s_at, 0), (s_codat, 1) })
        {
            foreach (var row in outcome.Comparison!["checkpoints"]![i]!["attacks"]!.AsArray().Select(r => r!.AsObject()))
            {
                var name = row["name"]!.ToString();
                var classes = Enumerable.Range(0, 4).Select(k => own.Accuracy(name, k)).ToArray();
                var (low, high) = FakeRun.Wilson(own.Right(name).Count(r => r), FakeEvaluation.Images);
                Assert.That(Number(row, "average"), Is.EqualTo(own.Average(name)).Within(1e-12));
                Assert.That(Number(row, "averageLow"), Is.EqualTo(low).Within(1e-12));
                Assert.That(Number(row, "averageHigh"), Is.EqualTo(high).Within(1e-12));
                Assert.That(Number(row, "worst"), Is.EqualTo(classes.Min()).Within(1e-12));
                Assert.That(Number(row, "spread"), Is.EqualTo(classes.Max() - classes.Min()).Within(1e-12));
                Assert.That(Number(row, "std"), Is.EqualTo(Math.Sqrt(classes.Average(a => Math.Pow(a - classes.Average(), 2)))).Within(1e-12));
                Assert.That(Number(row, "worstLow"), Is.LessThan(classes.Min()));
                Assert.That(Number(row, "worstHigh"), Is.GreaterThan(classes.Min()));
                if (i == 0)
                {
                    Assert.That(row["rho"], Is.Null);
                    continue;
                }
                var gain = own.Worst(name) / s_at.Worst(name) - 1;
                var change = own.Average(name) / s_at.Average(name) - 1;
                Assert.That(Number(row, "rho"), Is.EqualTo(gain + change).Within(1e-12));
                if (Math.Abs(change) > 0.005) Assert.That(Number(row, "elasticity"), Is.EqualTo(gain / change).Within(1e-9));
            }
        }
    }

    [Test]
    public void WriteAll_Table_HasARowForAllImagesAndForEveryClass()
    {
        var outcome = Compare([s_at, s_codat], baseline: 1);

        var lines = File.ReadAllLines(outcome.Table!);
        Assert.That(lines[0], Is.EqualTo(
            "label,attack,class,name,n,correct,accuracy,low,high,risk,onlyBaseline,onlyOwn,difference,p,pCorrected"));
        Assert.That(lines, Has.Length.EqualTo(1 + 2 * 4 * (1 + 4)));
        var right = s_at.Right("square").Count(r => r);
        var average = (right / (double)FakeEvaluation.Images).ToString("R", CultureInfo.InvariantCulture);
        var test = outcome.Comparison!["tests"]!.AsArray().First(t => t!["attack"]!.ToString() == "square" && t["class"] is null)!;
        var all = lines.Single(l => l.StartsWith("run0,square,,", StringComparison.Ordinal));
        Assert.That(all, Does.StartWith($"run0,square,,,240,{right},{average},"));
        Assert.That(all, Does.EndWith($",,{test["onlyBaseline"]},{test["onlyOwn"]},{test["difference"]},{test["p"]},{test["pCorrected"]}"));
        Assert.That(lines.Single(l => l.StartsWith("run1,square,2,", StringComparison.Ordinal)),
            Does.StartWith("run1,square,2,\"a, \"\"quoted\"\" <b>\",60,").And.EndsWith(",,,,,"));
        Assert.That(JsonNode.DeepEquals(JsonNode.Parse(File.ReadAllText(outcome.Result!)), outcome.Comparison), Is.True);
    }

    [Test]
    public void WriteAll_Page_HasBarsSideBySideAndTheTables()
    {
        var outcome = Compare([s_at, s_codat, s_third], baseline: 0);

        var page = HtmlPage.Read(File.ReadAllText(outcome.Page));
        var text = string.Concat(page.Texts);
        Assert.That(page.Values("id"), Is.Unique);
        Assert.That(page.Values("id"), Does.Contain("checkpoints").And.Not.Contain("curves").And.Not.Contain("run-a-weights"));
        var markup = File.ReadAllText(outcome.Page);
        var classes = markup[markup.IndexOf("<section id=\"classes\"", StringComparison.Ordinal)..];
        classes = classes[..classes.IndexOf("</section>", StringComparison.Ordinal)];
        Assert.That(classes.Split("class=\"bar\"").Length - 1, Is.EqualTo(2 * 3 * 4), "drawn twice: runs, classes");
        Assert.That(text, Does.Contain("3 evaluations side by side").And.Contain("All images, against run0")
            .And.Contain("Class by class under worst-of-all"));
        Assert.That(text, Does.Contain("a, &quot;quoted&quot; &lt;b&gt;"));
    }

    [Test]
    public void WriteAll_DifferentLists_ComparesWhatAllHaveAndNotTheWorstOfThem()
    {
        var other = new FakeEvaluation(2, 0.7, "square", "fgsm");

        var outcome = Compare([s_at, other], baseline: 0);

        Assert.That(outcome.Comparison!["checkpoints"]![1]!["attacks"]!.AsArray().Select(a => a!["name"]!.ToString()),
            Is.EqualTo(new[] { "clean", "square" }));
        Assert.That(outcome.Comparison["leftOut"]!.AsArray().Select(a => a!.ToString()),
            Is.EquivalentTo(new[] { "pgd-20", "fgsm", "worst-of-all" }));
        Assert.That(File.ReadAllText(outcome.Page), Does.Contain("Not compared").And.Contain("Accuracies under square;"));
    }

    [Test]
    public void WriteAll_WithoutEvidence_SaysWhoIsNotTested()
    {
        string[] runs = [s_at.Write(Folder, "a"), s_codat.Write(Folder, "b", evidence: false), s_third.Write(Folder, "c")];

        var outcome = ReportWriter.WriteAll(runs, Folder, runs[0]);

        Assert.That(outcome.Comparison!["tests"]!.AsArray().Select(t => t!["label"]!.ToString()).Distinct(), Is.EqualTo(new[] { "c" }));
        Assert.That(outcome.Comparison["checkpoints"]![1]!["evidence"], Is.Null);
        Assert.That(File.ReadAllText(outcome.Page), Does.Contain("Without an evidence file, and so not tested: b."));
    }

    [Test]
    public void WriteAll_EvidenceNamedByTheEvaluation_IsFoundBesideIt()
    {
        var a = s_at.Write(Folder, "a", j => j["evidence"] = "elsewhere/rows.csv", evidence: false);
        var b = s_codat.Write(Folder, "b");
        var unnamed = s_at.Write(Folder, "rows");

        var outcome = ReportWriter.WriteAll([a, b], Folder, a);

        Assert.That(outcome.Comparison!["tests"]!.AsArray(), Is.Not.Empty);
        Assert.That(outcome.Comparison["checkpoints"]![0]!["evidence"]!.ToString(), Is.EqualTo(Path.ChangeExtension(unnamed, ".csv")));
    }

    [Test]
    public void WriteAll_OneEvaluation_HasItsTable()
    {
        var outcome = ReportWriter.WriteAll([s_at.Write(Folder, "a")], Folder);

        Assert.That(File.ReadAllLines(outcome.Table!), Has.Length.EqualTo(1 + 4 * 5));
        Assert.That(outcome.Comparison!["tests"]!.AsArray(), Is.Empty);
        var ids = HtmlPage.Read(File.ReadAllText(outcome.Page)).Values("id");
        Assert.That(ids, Does.Contain("evaluation").And.Not.Contain("checkpoints").And.Not.Contain("settings"));
    }

    [Test]
    public void WriteAll_TwoRuns_TestsThemOnTheEvidenceTheyLeft()
    {
        using var folder = new TempFolder();
        foreach (var (name, rate) in new[] { ("a", "0.1"), ("b", "0.01") })
            TinyRun.Train(folder, name, $"lr={rate}", "epochs=1", "val=none", "test=clean,pgd-2");

        var outcome = ReportWriter.WriteAll([folder.File("a"), folder.File("b")], folder.Path, folder.File("a"));

        var (a, b) = (EvidenceFile.Read(folder.File("a/evidence.csv")), EvidenceFile.Read(folder.File("b/evidence.csv")));
        var test = outcome.Comparison!["tests"]!.AsArray().First(t => t!["attack"]!.ToString() == "pgd-2")!;
        var pairs = a.Column("pgd-2")!.Value.ToArray().Zip(b.Column("pgd-2")!.Value.ToArray()).ToArray();
        Assert.That(test["onlyBaseline"]!.GetValue<long>(), Is.EqualTo(pairs.Count(p => p is (true, false))));
        Assert.That(test["onlyOwn"]!.GetValue<long>(), Is.EqualTo(pairs.Count(p => p is (false, true))));
    }

    private static TestCaseData[] Unlike =>
    [
        Case("dataset", j => j["dataset"] = "farm", "different images", "zoo test, 240 images", "farm test"),
        Case("split", j => j["split"] = "val", "different images", "b.json", "zoo val"),
        Case("hash", j => j["imagesHash"] = "00fe", "different images", "hash 00ff", "hash 00fe"),
        Case("norm", j => j["norm"] = "l2", "different threat models", "linf 8/255", "l2 8/255"),
        Case("eps", j => (j["eps"], j["epsText"]) = (0.1, "0.1"), "different threat models", "linf 0.1"),
        Case("step", j => j["attacks"]![1]!["step"] = 0.02, "other settings", "b.json, pgd-20", "step 0.01", "step 0.02"),
        Case("restarts", j => j["attacks"]![1]!["restarts"] = 3, "other settings", "restarts 1", "restarts 3"),
        Case("class", j => Each(j, a => a!["perClass"]![1]!["name"] = "wolf"), "different classes", "class 1: dog", "class 1: wolf"),
        Case("fewer", j => Each(j, a => a!["perClass"]!.AsArray().RemoveAt(3)), "different classes", "4 classes", "3 classes"),
        Case("counts", j => j["attacks"]![1]!["perClass"]![0]!["n"] = 61, "cannot be counted", "b.json, pgd-20", "class 0"),
        Case("attacks", j => Each(j, a => a!["name"] = "other-" + a["name"]), "no attack in common", "other-pgd-20"),
    ];

    [TestCaseSource(nameof(Unlike))]
    public void WriteAll_WhatCannotBeCompared_IsRefusedInOneLineAndNothingIsWritten(Action<JsonObject> change, string[] parts)
    {
        var (a, b) = (s_at.Write(Folder, "a"), s_codat.Write(Folder, "b", change, evidence: false));

        var run = CliRun.Invoke("report", a, b, "--baseline", a, "--out", Path.Combine(Folder, "out"));

        Assert.That(run.ExitCode, Is.EqualTo(2), run.Output);
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1));
        foreach (var part in parts) Assert.That(run.Error, Does.Contain(part));
        Assert.That(Directory.Exists(Path.Combine(Folder, "out")), Is.False);
    }

    [Test]
    public void WriteAll_EvidenceOfAnotherEvaluation_IsRefused()
    {
        var (a, b) = (s_at.Write(Folder, "a"), s_codat.Write(Folder, "b"));
        File.Copy(Path.Combine(Folder, "a.csv"), Path.Combine(Folder, "b.csv"), overwrite: true);

        Assert.That(() => ReportWriter.WriteAll([a, b], Folder), Throws.TypeOf<CodatException>()
            .With.Message.Contains("evidence is of another evaluation").And.Message.Contains("b.csv"));
    }

    [Test]
    public void WriteAll_EvidenceOfOtherImages_NamesTheFirstLine()
    {
        var (a, b) = (s_at.Write(Folder, "a"), s_codat.Write(Folder, "b"));
        var lines = File.ReadAllLines(Path.Combine(Folder, "b.csv"));
        lines[7] = "900" + lines[7][1..];
        File.WriteAllLines(Path.Combine(Folder, "b.csv"), lines);

        Assert.That(() => ReportWriter.WriteAll([a, b], Folder), Throws.TypeOf<CodatException>()
            .With.Message.Contains("b.csv, line 8").And.Message.Contains("image 6 of class 2").And.Message.Contains("image 900"));
    }

    [Test]
    public void WriteAll_TheSameTwiceOrNoEvaluation_IsRefused()
    {
        var a = s_at.Write(Folder, "a");
        File.WriteAllText(Path.Combine(Folder, "no.json"), "{}");

        Assert.That(() => ReportWriter.WriteAll([a, a], Folder), Throws.TypeOf<CodatException>().With.Message.Contains("twice"));
        Assert.That(() => ReportWriter.WriteAll([Path.Combine(Folder, "no.json")], Folder),
            Throws.TypeOf<CodatException>().With.Message.Contains("no evaluation"));
    }

    [Test]
    public void Report_AsTextAndAsJson_ShowsTheComparison()
    {
        var (a, b) = (s_at.Write(Folder, "a"), s_codat.Write(Folder, "b"));

        var text = CliRun.Invoke("report", a, b, "--baseline", a, "--out", Folder);
        var json = CliRun.Invoke("report", a, b, "--baseline", a, "--out", Folder, "--json");

        Assert.That(text.ExitCode, Is.Zero, text.Error);
        Assert.That(text.Output, Does.Contain("zoo test, 240 images, linf 8/255").And.Contain("pgd-20, b").And.Contain("against a:"));
        Assert.That(json.Json.GetProperty("tests").GetArrayLength(), Is.EqualTo(20));
        Assert.That(json.Json.GetProperty("table").GetString(), Is.EqualTo(Path.Combine(Folder, "report.csv")));
    }

    private ReportOutcome Compare(FakeEvaluation[] evaluations, int baseline)
    {
        var runs = evaluations.Select((e, i) => e.Write(Folder, $"run{i}")).ToArray();
        return ReportWriter.WriteAll(runs, Folder, runs[baseline]);
    }

    /// <summary>The tests in the order of the expected values, which are p-values of one family.</summary>
    private static void Agree(JsonNode?[] tests, double[] expected)
    {
        Assert.That(tests, Has.Length.EqualTo(expected.Length));
        for (var i = 0; i < tests.Length; i++)
        {
            Assert.That(Number(tests[i]!, "p"), Is.EqualTo(expected[i]).Within(1e-11));
            // Holm by its definition: the largest of what all p-values up to this one times their rank from the end are.
            var corrected = expected.Where(p => p <= expected[i]).Max(p => Math.Min(1, p * expected.Count(q => q >= p)));
            Assert.That(Number(tests[i]!, "pCorrected"), Is.EqualTo(corrected).Within(1e-10));
        }
    }

    /// <summary>Twice the binomial tail, in whole numbers.</summary>
    private static double P(FakeEvaluation first, FakeEvaluation second, string attack, int[] images)
    {
        var only = images.Count(i => first.Right(attack)[i] && !second.Right(attack)[i]);
        var other = images.Count(i => !first.Right(attack)[i] && second.Right(attack)[i]);
        var (choices, tail) = (BigInteger.One, BigInteger.Zero);
        for (var k = 0; k <= Math.Min(only, other); k++)
        {
            tail += choices;
            choices = choices * (only + other - k) / (k + 1);
        }
        return Math.Min(1, 2 * (double)tail / Math.Pow(2, only + other));
    }

    private static TestCaseData Case(string name, Action<JsonObject> change, params string[] parts) =>
        new TestCaseData(change, parts).SetArgDisplayNames(name);

    private static void Each(JsonObject json, Action<JsonNode?> change)
    {
        foreach (var attack in json["attacks"]!.AsArray()) change(attack);
    }

    private static double Number(JsonNode node, string key) => node[key]!.GetValue<double>();
}
