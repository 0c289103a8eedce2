using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Class weights of a comparison: of the steps and, at the end, of the whole validation split.</summary>
internal sealed class ComparedWeightsTests
{
    private static readonly double[] s_prior = [0.25, 0.25, 0.25, 0.25];

    [Test]
    public void AtTheEnd_TwoSeeds_AreDescribedEachAndThenAveraged()
    {
        var runs = new[]
        {
            ComparedRuns.Of("C", 0.1) with
            {
                Optimal = [0.5, 0.5, 0, 0], OptimalRisks = [3, 4, 1, 2], Prior = s_prior,
            },
            ComparedRuns.Of("C", 0.1) with
            {
                Optimal = [0, 0, 0, 1], OptimalRisks = [1, 2, 3, 5], Prior = s_prior,
            },
        };

        var found = ComparedWeights.AtTheEnd(runs)!;

        Assert.That(found.PerClass, Is.EqualTo(new[] { 0.25, 0.25, 0, 0.5 }).Within(1e-15));
        Assert.That(found.Risks, Is.EqualTo(new[] { 2, 3, 2, 3.5 }).Within(1e-15));
        Assert.That((found.Least, found.Largest), Is.EqualTo((0.0, 0.75)));
        // Two of four classes in one seed, one in the other: not what the mean vector would have, 8/3.
        Assert.That(found.Effective, Is.EqualTo(1.5).Within(1e-15));
        // Sum (p - 1/4)^2 / (1/4) is 1 and 3, of 3 at most.
        Assert.That(found.PointMass, Is.EqualTo(2.0 / 3).Within(1e-15));
        // Ranks 3.5 3.5 1.5 1.5 against 3 4 1 2, and 2 2 2 4 against 1 2 3 4.
        Assert.That(found.RankCorrelation, Is.EqualTo((4 / Math.Sqrt(20) + 3 / Math.Sqrt(15)) / 2).Within(1e-15));
        Assert.That(ComparedWeights.InSteps(runs), Is.Null, "no weights of steps");
    }

    [Test]
    public void Run_OptimalWeights_AreThoseOfTheValidationSplit()
    {
        using var folder = new TempFolder();
        var plan = TinyPlan.Write(folder,
            """{ "label": "AT", "objective": "at" }, { "label": "C", "objective": "codat", "eta": 0.5 }""");

        var methods = TinyPlan.Run(plan, folder.File("d")).Result["runs"]!;

        foreach (var (i, label) in new[] { (0, "AT"), (1, "C") })
        {
            var weights = TinyRun.Final(folder.File($"d/runs/{label}-s0"))["optimalWeights"]!["weights"]!.AsArray()
                .Select(w => w!.GetValue<double>()).ToArray();
            var found = methods[i]!["optimalWeights"]!;
            Assert.That(found["perClass"]!.AsArray().Select(w => w!.GetValue<double>()), Is.EqualTo(weights));
            Assert.That(found["max"]!.GetValue<double>(), Is.EqualTo(weights.Max()).And.GreaterThan(0.1));
            Assert.That(found["effective"]!.GetValue<double>(), Is.EqualTo(1 / weights.Sum(w => w * w)).Within(1e-12));
        }
        Assert.That(methods[1]!["weights"]!["max"]!.GetValue<double>(),
            Is.Not.EqualTo(methods[1]!["optimalWeights"]!["max"]!.GetValue<double>()), "of steps and of the end");
        Assert.That(File.ReadAllText(folder.File("d/report.html")), Does.Contain("Worst weights p* of the trained networks"));
    }

    [Test]
    public void Run_FromLinesAlone_ShowsClassFlowOfAllSeeds()
    {
        using var folder = new TempFolder();
        var plan = TinyPlan.Write(folder, """{ "label": "AT", "objective": "at" }""", seeds: "0, 1");
        TinyPlan.Run(plan, folder.File("first"));

        TinyPlan.Run(plan, folder.File("second"), done: folder.File("first/runs.jsonl"));

        var page = File.ReadAllText(folder.File("second/report.html"));
        Assert.That(Directory.Exists(folder.File("second/runs")), Is.False);
        Assert.That(page, Does.Contain("<section id=\"flow\"").And.Contain("the images of 2 seeds together"));
        // The tip of the first class's cell on the diagonal: its images of both seeds.
        var images = Enumerable.Range(0, 2).Sum(seed => TinyRun.Final(folder.File($"first/runs/AT-s{seed}"))["test"]!
            ["attacks"]![1]!["flow"]![0]!.AsArray().Sum(c => c!.GetValue<long>()));
        Assert.That(page, Does.Match($@" kept: \d+ of {images} \("));
    }
}
