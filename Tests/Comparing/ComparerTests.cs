using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Codat.Native.Data;
using Codat.Native.Interop;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Whole comparisons on tiny runs.</summary>
internal sealed class ComparerTests
{
    private const string At = """{ "label": "AT", "objective": "at" }""";
    private const string Codat = """{ "label": "C", "objective": "codat", "sweep": { "eta": [0.1, 0.5] } }""";
    private const string Broken = """{ "label": "NaN", "objective": "at", "lr": 1e30 }""";

    [Test]
    public void Run_ARunOfAPlan_IsTheRunOfTrainToTheLastBit()
    {
        using var folder = new TempFolder();
        var plan = TinyPlan.Write(folder, $$"""{{At}}, {{Codat}}, { "label": "FT", "objective": "codat", "init": "AT", "epochs": 1 }""",
            seeds: "5");
        TinyPlan.Run(plan, folder.File("d"));

        var alone = TinyRun.Options(folder.File("alone"), "objective=codat", "eta=0.5", "seed=5", "threads=2");
        Trainer.Run(alone);
        var tuned = TinyRun.Options(folder.File("tuned"), "objective=codat", "epochs=1", "seed=5",
            "init=" + folder.File("d/runs/AT-s5/last.safetensors"));
        Trainer.Run(tuned);

        Assert.That(TinyRun.Bits(folder.File("d/runs/C-eta=0.5-s5")), Is.EqualTo(TinyRun.Bits(folder.File("alone"))));
        Assert.That(TinyRun.Bits(folder.File("d/runs/FT-s5")), Is.EqualTo(TinyRun.Bits(folder.File("tuned"))));
    }

    [Test]
    public void Run_SameSeed_StartsEveryMethodFromTheSameWeightsImagesAndAttackStarts()
    {
        using var folder = new TempFolder();
        var plan = TinyPlan.Write(folder, """
            { "label": "A", "objective": "at" }, { "label": "B", "objective": "codat", "eta": 0.7 },
            { "label": "C", "objective": "codat", "lr": 0.01, "weights": "published" }
            """, seeds: "0, 1");
        var text = File.ReadAllText(plan).Replace("\"epochs\": 2", "\"epochs\": 2, \"log-steps\": true, \"augment\": \"crop4\"");
        File.WriteAllText(plan, text);
        TinyPlan.Run(plan, folder.File("d"));

        // The class risks of the first step hang on all of these and on nothing a method chose.
        var first = new[] { "A-s0", "B-s0", "C-s0", "A-s1", "B-s1" }.Select(run =>
            Npy.Read(folder.File($"d/runs/{run}/steps/risk.npy")).Values<double>()[..10].ToArray()).ToArray();
        Assert.That(first[0].Any(double.IsFinite));
        Assert.That(first[1], Is.EqualTo(first[0]));
        Assert.That(first[2], Is.EqualTo(first[0]));
        Assert.That(first[4], Is.EqualTo(first[3]));
        Assert.That(first[3], Is.Not.EqualTo(first[0]));
    }

    [Test]
    public void Run_Json_HasTheKeysOfTheContractAndTheNumbersOfTheRuns()
    {
        using var folder = new TempFolder();
        var plan = TinyPlan.Write(folder, $"{At}, {Codat}", seeds: "0, 1", rest: """
            , "baseline": "AT", "evaluate": [ { "name": "noisy", "corrupt": "noise:2", "attack": "clean,pgd-1", "limit": 50 } ]
            """);

        var outcome = TinyPlan.Run(plan, folder.File("d"));

        var json = JsonDocument.Parse(File.ReadAllText(folder.File("d/compare.json"))).RootElement;
        Assert.That(JsonElement.DeepEquals(json, JsonSerializer.SerializeToElement(outcome.Result)));
        Assert.That(Keys(json), Is.EqualTo(new[] { "name", "baseline", "runs", "tests" }));
        var run = json.GetProperty("runs")[1];
        Assert.That(Keys(run), Is.EqualTo(new[] { "label", "settings", "seeds", "attacks", "validation", "weights", "optimalWeights", "variance" }));
        Assert.That(run.GetProperty("label").GetString(), Is.EqualTo("C eta=0.1"));
        Assert.That(Keys(run.GetProperty("seeds")[1]), Is.EqualTo(new[] { "seed", "run", "stopped", "imagesPerSecond" }));
        Assert.That(Keys(run.GetProperty("weights")), Is.EqualTo(new[] { "perClass", "min", "max", "effective", "rankCorrelation", "pointMass" }));
        Assert.That(Keys(run.GetProperty("variance")), Is.EqualTo(new[] { "mean", "std", "relative" }));
        var attacks = run.GetProperty("attacks").EnumerateArray().ToArray();
        Assert.That(attacks.Select(a => a.GetProperty("name").GetString()),
            Is.EqualTo(new[] { "clean", "pgd-2", "noisy/clean", "noisy/pgd-1" }));
        Assert.That(Keys(attacks[1]), Is.EqualTo(new[] { "name", "average", "worst", "spread", "rho", "elasticity", "perClass", "bimodality", "errors" }));
        Assert.That(Keys(attacks[1].GetProperty("bimodality")), Is.EqualTo(new[] { "gap", "coefficient", "dip" }));
        Assert.That(Keys(attacks[1].GetProperty("bimodality").GetProperty("gap")),
            Is.EqualTo(new[] { "width", "low", "high", "below", "above", "distance" }));
        Assert.That(attacks.Select(a => a.GetProperty("errors").ValueKind), Is.EqualTo(new[]
            { JsonValueKind.Null, JsonValueKind.Object, JsonValueKind.Null, JsonValueKind.Object }));
        Assert.That(Keys(attacks[3].GetProperty("errors")), Is.EqualTo(new[] { "clean", "boundary", "confusion", "similarity", "closest", "perClass" }));
        Assert.That(attacks[3].GetProperty("errors").GetProperty("clean").GetProperty("seeds").GetArrayLength(), Is.EqualTo(2));
        Assert.That(attacks[3].GetProperty("errors").GetProperty("closest").GetProperty("similarity").GetDouble(), Is.Positive);
        Assert.That(Keys(attacks[1].GetProperty("worst")), Is.EqualTo(new[] { "mean", "std", "low", "high" }));
        Assert.That(Keys(attacks[1].GetProperty("perClass")[0]), Is.EqualTo(new[] { "class", "mean", "std" }));
        Assert.That(Keys(json.GetProperty("tests")[0]), Is.EqualTo(new[]
            { "label", "baseline", "attack", "worstDifference", "low", "high", "p", "pCorrected" }));
        Assert.That(json.GetProperty("tests").GetArrayLength(), Is.EqualTo(2 * 4));

        var averages = Enumerable.Range(0, 2).Select(seed => TinyRun.Final(folder.File($"d/runs/C-eta=0.1-s{seed}"))["test"]!
            ["attacks"]![1]!["average"]!.GetValue<double>()).ToArray();
        Assert.That(attacks[1].GetProperty("average").GetProperty("mean").GetDouble(), Is.EqualTo(averages.Average()).Within(1e-15));
        Assert.That(attacks[1].GetProperty("average").GetProperty("std").GetDouble(),
            Is.EqualTo(Math.Abs(averages[0] - averages[1]) / Math.Sqrt(2)).Within(1e-12));
        var chosen = Enumerable.Range(0, 2).Select(seed => TinyRun.Final(folder.File($"d/runs/C-eta=0.1-s{seed}"))["validation"]!
            ["attacks"]![1]!["worst"]!.GetValue<double>()).ToArray();
        Assert.That(Keys(run.GetProperty("validation")), Is.EqualTo(new[] { "attack", "mean", "std" }));
        Assert.That(run.GetProperty("validation").GetProperty("mean").GetDouble(), Is.EqualTo(chosen.Average()).Within(1e-15));
        var rows = File.ReadAllLines(folder.File("d/compare.csv"));
        Assert.That(rows[0], Is.EqualTo("label,seed,attack,class,name,n,correct,accuracy,low,high,risk"));
        Assert.That(rows, Has.Length.EqualTo(1 + 3 * 2 * 4 * 10));
        var sweep = File.ReadAllText(folder.File("d/figures/sweep-eta-worst.svg"));
        Assert.That(sweep.Split("class=\"single\""), Has.Length.EqualTo(1 + 2 * 2), "two radii, two seeds");
        Assert.That(sweep, Does.Contain(">AT</text>"), "the baseline's line is named");
        var page = File.ReadAllText(folder.File("d/report.html"));
        foreach (var id in new[] { "flow", "weights", "groups", "errors" }) Assert.That(page, Does.Contain($"<section id=\"{id}\""));
        Assert.That(HtmlPage.Read(page).Values("href"), Is.All.StartsWith("#"));
    }

    [Test]
    public void Run_Figures_AreImagesThatNeedNothingElse()
    {
        using var folder = new TempFolder();
        TinyPlan.Run(TinyPlan.Write(folder, $"{At}, {Codat}"), folder.File("d"));

        var files = Directory.GetFiles(folder.File("d/figures"));
        Assert.That(files.Select(Path.GetFileName).Order(StringComparer.Ordinal), Is.EqualTo(new[]
        {
            "average-worst.svg", "per-class.svg", "robust-error-over-boundary.svg", "robust-error-over-similarity.svg",
            "sweep-eta-average.svg", "sweep-eta-worst.svg", "weights-c-eta=0.1.svg", "weights-c-eta=0.5.svg",
        }));
        foreach (var file in files)
        {
            var root = XDocument.Load(file).Root!;
            Assert.That(root.Name.ToString(), Is.EqualTo("{http://www.w3.org/2000/svg}svg"));
            Assert.That(root.ToString(), Does.Not.Contain("var(").And.Not.Contain("url(").And.Not.Contain("href")
                .And.Contain("fill=\"#ffffff\""));
            var style = root.Elements().First(e => e.Name.LocalName == "style").Value;
            foreach (var tone in root.Descendants().Select(e => (string?)e.Attribute("class")).Where(c => c?.StartsWith("tone", StringComparison.Ordinal) == true))
                Assert.That(style, Does.Match(@$"\.{tone} \.bar \{{ fill: #[0-9a-f]{{6}}; \}}"), file);
        }
        var legend = File.ReadAllText(folder.File("d/figures/per-class.svg"));
        Assert.That(legend, Does.Contain(">A  AT</text>").And.Contain(">C  C eta=0.5</text>"));
    }

    [Test]
    public void Run_LinesOfEarlierVersions_LeaveOutWhatTheyLack()
    {
        using var folder = new TempFolder();
        var plan = TinyPlan.Write(folder, $"{At}, {Codat}");
        TinyPlan.Run(plan, folder.File("first"));
        var old = File.ReadAllLines(folder.File("first/runs.jsonl")).Select(line =>
        {
            var node = JsonNode.Parse(line)!.AsObject();
            node.Remove("variance");
            node["optimalWeights"]!.AsObject().Remove("prior");
            foreach (var attack in node["test"]!["attacks"]!.AsArray()) attack!.AsObject().Remove("flow");
            return node.ToJsonString();
        });

        var runs = TinyPlan.Run(plan, folder.File("second"), done: folder.Write("old.jsonl", string.Join('\n', old))).Result["runs"]!;
        var whole = JsonNode.Parse(File.ReadAllText(folder.File("first/compare.json")))!["runs"]!;

        Assert.That(Directory.Exists(folder.File("second/runs")), Is.False);
        Assert.That(runs[1]!["variance"], Is.Null);
        Assert.That(whole[1]!["variance"]!["mean"]!.GetValue<double>(), Is.Positive);
        Assert.That(runs[1]!["weights"]!.ToJsonString(), Is.EqualTo(whole[1]!["weights"]!.ToJsonString()), "the prior was uniform");
        var (errors, before) = (runs[1]!["attacks"]![1]!["errors"]!, whole[1]!["attacks"]![1]!["errors"]!);
        Assert.That((errors["similarity"], errors["confusion"], errors["closest"]), Is.EqualTo(((JsonNode?)null, (JsonNode?)null, (JsonNode?)null)));
        Assert.That(before["similarity"], Is.Not.Null);
        Assert.That(errors["boundary"]!.ToJsonString(), Is.EqualTo(before["boundary"]!.ToJsonString()));
    }

    [Test]
    public void Run_VarianceOfAnEpoch_IsMeanAndDeviationOverItsSteps()
    {
        using var folder = new TempFolder();
        var options = TinyRun.Options(folder.File("run"), "objective=codat", "log-steps=true");
        Trainer.Run(options);

        var steps = Npy.Read(folder.File("run/steps/variance.npy")).Values<double>().ToArray();
        var epochs = MetricsReader.Read(folder.File("run/metrics.jsonl"));
        var each = steps.Length / epochs.Count;
        Assert.That(each, Is.GreaterThan(1));
        for (var e = 0; e < epochs.Count; e++)
        {
            var own = steps[(e * each)..((e + 1) * each)];
            Assert.That(epochs[e].Variance, Is.EqualTo(own.Average()).Within(1e-12));
            Assert.That(epochs[e].VarianceDeviation,
                Is.Positive.And.EqualTo(Math.Sqrt(own.Average(v => Math.Pow(v - own.Average(), 2)))).Within(1e-9));
        }
    }

    [Test]
    public void Run_CancelledAndStartedAgain_EndsInTheSameTables()
    {
        using var folder = new TempFolder();
        var plan = TinyPlan.Write(folder, $"{At}, {Codat}");
        TinyPlan.Run(plan, folder.File("whole"));
        for (var stop = 7; ; stop += 11)
        {
            using var cancel = new CancellationTokenSource();
            var outcome = TinyPlan.Run(plan, folder.File("pieces"), new StopAt(stop, cancel), cancellation: cancel.Token);
            if (!outcome.Cancelled) break;
            Assert.That(outcome.Comparison.Methods.Sum(m => m.Runs.Count), Is.LessThan(3));
        }

        Assert.That(TinyPlan.Tables(folder.File("pieces")), Is.EqualTo(TinyPlan.Tables(folder.File("whole"))));
    }

    [Test]
    public void Run_OneFails_TheOthersAreDoneAndTheFailureIsTold()
    {
        using var folder = new TempFolder();
        var plan = TinyPlan.Write(folder,
            $$"""{{Broken}}, { "label": "after", "objective": "at", "init": "NaN" }, {{At}}""");

        var run = CliRun.Invoke("compare", plan, "--out", folder.File("d"), "--threads", "1", "--device", "cpu", "--json", "--quiet");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("NaN, seed 0").And.Contain("after, seed 0").And.Contain("it starts from failed"));
        Assert.That(run.Json.GetProperty("runs")[2].GetProperty("seeds").GetArrayLength(), Is.EqualTo(1));
        Assert.That(run.Json.GetProperty("runs")[0].GetProperty("seeds").GetArrayLength(), Is.Zero);
        Assert.That(File.ReadAllLines(folder.File("d/runs.jsonl")), Has.Length.EqualTo(1));
    }

    [Test]
    public void Run_OneFailsOnItsData_TheOthersAreDone()
    {
        using var folder = new TempFolder();
        var plan = TinyPlan.Write(folder, $$"""{ "label": "few", "objective": "at", "train-limit": 5 }, {{At}}""");

        var run = CliRun.Invoke("compare", plan, "--out", folder.File("d"), "--threads", "1", "--device", "cpu", "--json", "--quiet");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("few, seed 0"));
        Assert.That(File.ReadAllLines(folder.File("d/runs.jsonl")), Has.Length.EqualTo(1));
        Assert.That(folder.File("d/compare.json"), Does.Exist);
    }

    [Test]
    public void Run_LinesGivenAsDone_AreNotRunAgain()
    {
        using var folder = new TempFolder();
        var plan = TinyPlan.Write(folder, $"{At}, {Codat}");
        TinyPlan.Run(plan, folder.File("first"));
        var lines = File.ReadAllLines(folder.File("first/runs.jsonl"));
        var given = folder.Write("done.jsonl", lines[0] + "\n" + lines[2] + "\n");

        TinyPlan.Run(plan, folder.File("second"), done: given);

        Assert.That(Directory.GetDirectories(folder.File("second/runs")).Select(Path.GetFileName), Is.EqualTo(new[] { "C-eta=0.1-s0" }));
        Assert.That(File.ReadAllText(folder.File("second/compare.csv")), Is.EqualTo(File.ReadAllText(folder.File("first/compare.csv"))));
    }

    [Test]
    public void Run_TakenUpWithoutTheGivenLines_StillHasThem()
    {
        using var folder = new TempFolder();
        var plan = TinyPlan.Write(folder, $"{At}, {Codat}");
        TinyPlan.Run(plan, folder.File("first"));
        // All of them are given: not one run ends that could have them written.
        TinyPlan.Run(plan, folder.File("second"), done: folder.File("first/runs.jsonl"));

        TinyPlan.Run(plan, folder.File("second"));

        Assert.That(Directory.Exists(folder.File("second/runs")), Is.False);
        Assert.That(File.ReadAllText(folder.File("second/runs.jsonl")), Is.EqualTo(File.ReadAllText(folder.File("first/runs.jsonl"))));
    }

    [Test]
    public void Run_Lines_HaveFlowAndCountsButNoTelemetryAlsoWhereGivenLinesHaveIt()
    {
        using var folder = new TempFolder();
        const string Noisy = """, "evaluate": [ { "name": "noisy", "corrupt": "noise:2", "attack": "clean,pgd-1", "limit": 50 } ]""";
        var plan = TinyPlan.Write(folder, $"{At}, {Codat}", rest: Noisy);
        TinyPlan.Run(plan, folder.File("first"));
        var slim = File.ReadAllLines(folder.File("first/runs.jsonl"));
        var fat = JsonNode.Parse(slim[0])!;
        var curves = TinyRun.Final(folder.File("first/runs/AT-s0"))["test"]!["attacks"]![1]!["telemetry"]!;
        foreach (var place in new[] { fat["test"]!, fat["validation"]!, fat["evaluations"]!["noisy"]!["result"]! })
            place["attacks"]![1]!["telemetry"] = curves.DeepClone();
        var given = folder.Write("done.jsonl", fat.ToJsonString());

        TinyPlan.Run(plan, folder.File("second"), done: given);

        Assert.That(slim, Has.None.Contains("telemetry"));
        Assert.That(fat["version"]!.GetValue<string>(), Does.Match(@"^\d+\.\d+\.\d+"));
        Assert.That(File.ReadAllLines(folder.File("second/runs.jsonl"))[0], Is.EqualTo(slim[0]));
        foreach (var attacks in new[] { fat["test"]!["attacks"]!, fat["evaluations"]!["noisy"]!["result"]!["attacks"]! })
            Assert.That(attacks[1]!["flow"]!.AsArray().Select((row, k) => row!.AsArray().Sum(c => c!.GetValue<long>())
                - attacks[1]!["perClass"]![k]!["n"]!.GetValue<long>()), Is.All.Zero.And.Exactly(10).Items);
    }

    [Test]
    public void Run_DoneRunThatAnotherStartsFrom_IsRunForItsWeights()
    {
        using var folder = new TempFolder();
        const string Tuned = """{ "label": "FT", "objective": "at", "init": "AT", "epochs": 1 }""";
        var plan = TinyPlan.Write(folder, $"{At}, {Tuned}");
        TinyPlan.Run(plan, folder.File("first"));
        var given = folder.Write("done.jsonl", File.ReadAllLines(folder.File("first/runs.jsonl"))[0]);

        TinyPlan.Run(plan, folder.File("second"), done: given);

        Assert.That(File.ReadAllText(folder.File("second/compare.csv")), Is.EqualTo(File.ReadAllText(folder.File("first/compare.csv"))));
    }

    [Test]
    public void Run_FolderOfAnotherPlan_IsRefusedAndMoreRunsOrSeedsAreNot()
    {
        using var folder = new TempFolder();
        var path = folder.File("d");
        TinyPlan.Run(TinyPlan.Write(folder, At), path);
        var before = File.ReadAllText(Path.Combine(path, "plan.json"));

        Refused(TinyPlan.Write(folder, Codat), "a run 'AT seed 0'");
        Refused(TinyPlan.Write(folder, At, seeds: "1"), "a run 'AT seed 0'");
        Refused(TinyPlan.Write(folder, At, name: "other"), "another name");
        Refused(TinyPlan.Write(folder, """{ "label": "AT", "objective": "at", "lr": 0.07 }"""), "others");
        Refused(TinyPlan.Write(folder, At, """, "baseline": "AT" """), "another baseline");
        Assert.That(File.ReadAllText(Path.Combine(path, "plan.json")), Is.EqualTo(before));

        var outcome = TinyPlan.Run(TinyPlan.Write(folder, $"{At}, {Codat}", seeds: "1, 0"), path);
        Assert.That(outcome.Comparison.Methods.Sum(m => m.Runs.Count), Is.EqualTo(6));

        void Refused(string plan, string part)
        {
            var error = Assert.Throws<CodatException>(() => TinyPlan.Run(plan, path))!;
            Assert.That(error.Message, Does.Contain("another plan").And.Contain(part).And.Contain("--out"));
        }
    }

    [Test]
    public void Run_FolderWithOtherFiles_IsRefusedAndLeftAlone()
    {
        using var folder = new TempFolder();
        folder.Write("notes.txt", "mine");

        var error = Assert.Throws<CodatException>(() => TinyPlan.Run(TinyPlan.Write(folder, At), folder.Path))!;

        Assert.That(error.What, Does.Contain("holds no comparison"));
        Assert.That(Directory.Exists(folder.File("runs")), Is.False);
    }

    [Test]
    public void Run_DataSetThatIsNotThere_IsFoundOutBeforeAnythingRuns()
    {
        using var folder = new TempFolder();
        var plan = folder.Write("p.json", $$"""
            { "name": "p", "runs": [ {{At}}, { "label": "far", "dataset": "cifar10", "data": "{{folder.File("none")}}" } ] }
            """);

        var run = CliRun.Invoke("compare", plan, "--out", folder.File("d"));

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Error, Does.Contain("files of cifar10").And.Contain("runs[1]").And.Contain("data_batch_1.bin"));
        Assert.That(Directory.Exists(folder.File("d")), Is.False);
    }

    [Test]
    public void Run_FolderAKillLeftWithoutSettings_IsStartedAnew()
    {
        using var folder = new TempFolder();
        var plan = TinyPlan.Write(folder, At);
        TinyPlan.Run(plan, folder.File("d"));
        var whole = TinyPlan.Tables(folder.File("d"));
        Directory.Delete(folder.File("d/runs"), recursive: true);
        File.Delete(folder.File("d/runs.jsonl"));
        Directory.CreateDirectory(folder.File("d/runs/AT-s0/state"));
        File.WriteAllText(folder.File("d/runs/AT-s0/state/lock"), "");
        File.WriteAllText(folder.File("d/runs/AT-s0/.config.json.x.tmp"), "");

        var outcome = TinyPlan.Run(plan, folder.File("d"));

        Assert.That(outcome.Failures, Is.Empty);
        Assert.That(TinyPlan.Tables(folder.File("d")), Is.EqualTo(whole));
    }

    [Test]
    public void Run_UnknownPlan_ListsTheReadyOnes()
    {
        var run = CliRun.Invoke("compare", "no-such-plan");

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Error, Does.Contain("no file").And.Contain("radius").And.Contain("sanity-gpu"));
    }

    private static string[] Keys(JsonElement json) => [.. json.EnumerateObject().Select(p => p.Name)];

    /// <summary>Cancels at a step counted over all runs.</summary>
    private sealed class StopAt(int steps, CancellationTokenSource cancel) : ICompareObserver
    {
        private int _made;

        public void Planned(IReadOnlyList<PlannedRun> runs)
        {
        }

        public ITrainingObserver Started(PlannedRun run) => new Events { OnStep = _ => { if (++_made == steps) cancel.Cancel(); } };

        public void Done(PlannedRun run, ComparedRun result, bool before)
        {
        }

        public void Failed(PlannedRun run, string why) => Assert.Fail(why);

        public void Progressed(string what, long done, long total)
        {
        }
    }
}
