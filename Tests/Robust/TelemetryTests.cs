using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>What attacks note on their way, against counts made here, and that noting it changes nothing.</summary>
internal sealed class TelemetryTests
{
    private static readonly string[] s_names =
        ["fgsm", "pgd-4x2", "cw-3", "apgd-ce", "apgd-dlr", "fab-t", "square", "aa-light"];

    private StripedNetwork _trained = null!; // set before the first test

    [OneTimeSetUp]
    public void Train() => _trained = StripedNetwork.Train();

    [Test]
    public void Pgd_AgainstTheIterates_CountsWhatLoopsCount([Values] Norm norm, [Values("pgd-4", "cw-4")] string name)
    {
        using var reference = new AttackReference(_trained);
        var attack = Attack(name, norm);
        var spec = AttackSpec.Of(attack)!;
        var iterates = Enumerable.Range(0, 5).Select(k => Iterate(spec with { Steps = k })).ToArray();
        var gradients = iterates[..4].Select(x => reference.Gradient(x, spec.Loss)).ToArray();
        using var device = Device.Cpu();
        using var network = _trained.On(device, DType.Float64);

        var row = Rows(network, new EvaluatorOptions { Telemetry = true, Batch = 16 }, attack)[0];

        var part = row.Telemetry!.Single();
        Assert.That(part.Part, Is.EqualTo(name));
        Assert.That(part.Steps, Is.EqualTo(new[] { 0, 1, 2, 3, 4 }));
        var clean = Losses(reference, reference.Images, spec.Loss);
        var attacked = Enumerable.Range(0, reference.Count).Where(i => IsRight(reference, reference.Images, i)).ToArray();
        for (var label = -1; label < SmallData.Classes; label++)
        {
            var own = attacked.Where(i => label < 0 || reference.Labels[i] == label).ToArray();
            var curves = label < 0 ? part.All : part.PerClass[label];
            for (var step = 0; step <= 4; step++)
            {
                var losses = Losses(reference, iterates[step], spec.Loss);
                Assert.That(curves.Looks[step], Is.EqualTo(own.Length));
                Assert.That(curves.LossGain![step], Is.EqualTo(own.Average(i => losses[i] - clean[i])).Within(1e-5));
                Assert.That(curves.AtBound![step], Is.EqualTo(own.Average(i => AtBound(reference, iterates[step], i, norm, spec.Epsilon))).Within(1e-9));
                Assert.That(curves.ZeroGradients![step], Is.EqualTo(step == 4 ? double.NaN : 0));
                Assert.That(curves.BadGradients![step], Is.EqualTo(step == 4 ? double.NaN : 0));
                var flips = step is 0 or 4 ? double.NaN : own.Average(i => Flips(reference, gradients[step - 1], gradients[step], i));
                Assert.That(curves.SignFlips![step], Is.EqualTo(flips).Within(1e-9));
            }
        }
        Assert.That(part.All.AtBound![4], Is.GreaterThan(part.All.AtBound[0]), "the case is of no use if nothing gets to the bound");
        Assert.That(part.All.SignFlips![2], Is.GreaterThan(0));
    }

    [Test]
    public void FirstSuccess_OfEveryAttack_IsTheHistogramOfTheSteps([ValueSource(nameof(s_names))] string name)
    {
        using var device = Device.Cpu();
        using var network = _trained.On(device);
        using var evaluator = new Evaluator(network, new EvaluatorOptions { Telemetry = true });
        var outcomes = EvaluationRun.Outcomes(evaluator, _trained.Test, [Attack(name)]);

        var parts = EvaluationRun.Results(outcomes)[0].Telemetry!;

        var steps = outcomes.Attacks[0].Outcome.Step;
        var before = 0;
        foreach (var part in parts)
        {
            var length = AttackStage.Of(Attack(name), SmallData.Classes).First(s => s.Part.Name == part.Part).Steps;
            var width = part.Steps.Count > 1 ? part.Steps[1] : 1;
            for (var point = 0; point < part.Steps.Count; point++)
            {
                var (low, high) = (before + Math.Max(1, part.Steps[point]), before + Math.Min(length, part.Steps[point] + width - 1));
                Assert.That(part.All.FirstSuccess[point], Is.EqualTo(steps.Count(s => s >= low && s <= high)), $"{part.Part} {point}");
                for (var k = 0; k < SmallData.Classes; k++)
                    Assert.That(part.PerClass[k].FirstSuccess[point], Is.EqualTo(Enumerable.Range(0, steps.Length).Count(i => _trained.Test.Label(i) == k
                        && steps[i] >= low && steps[i] <= high)));
            }
            before += length;
        }
        Assert.That(parts.Sum(p => p.All.FirstSuccess.Sum()), Is.GreaterThan(0), "the case is of no use if nothing falls");
    }

    [Test]
    public void Outcome_WithAndWithoutTelemetry_IsTheSameBits([ValueSource(nameof(s_names))] string name, [Values] Norm norm)
    {
        var with = Run(name, norm, batch: 16, threads: 2, telemetry: true);

        var without = Run(name, norm, batch: 16, threads: 2, telemetry: false);

        Assert.That(without.Telemetry, Is.Null);
        Assert.That(with.Telemetry, Is.Not.Null);
        Assert.That(with.Correct, Is.EqualTo(without.Correct));
        Assert.That(with.Predicted, Is.EqualTo(without.Predicted));
        Assert.That(with.Loss, Is.EqualTo(without.Loss));
        Assert.That(with.Margin, Is.EqualTo(without.Margin));
        Assert.That(with.Step, Is.EqualTo(without.Step));
    }

    [Test]
    public void Telemetry_AnyBatchSizeAndThreads_IsTheSameBytes([ValueSource(nameof(s_names))] string name)
    {
        var expected = Bytes(Run(name, Norm.Linf, batch: 61, threads: 1, telemetry: true));

        foreach (var (batch, threads) in new[] { (1, 1), (7, 2), (64, 3), (500, 2) })
            Assert.That(Bytes(Run(name, Norm.Linf, batch, threads, telemetry: true)), Is.EqualTo(expected), $"batch {batch}, {threads} threads");
    }

    [Test]
    public void Continue_FromAnyBatch_EndsWithTheSameTelemetry([Values("pgd-2x3@0.005", "aa-light")] string name)
    {
        using var device = Device.Cpu();
        using var network = _trained.On(device);
        var images = Subset.First(_trained.Test, 18);
        var saved = new List<AttackProgress>();
        using var evaluator = new Evaluator(network, new EvaluatorOptions
        {
            Batch = 8, Telemetry = true, AfterBatch = p => saved.Add(p with { Outcome = p.Outcome.Copy() }),
        });
        var expected = Bytes(evaluator.Attack(images, Attack(name), evaluator.Clean(images)));

        using var other = new Evaluator(network, new EvaluatorOptions { Batch = 7, Telemetry = true });
        foreach (var progress in saved)
            Assert.That(Bytes(other.Continue(images, progress with { Outcome = progress.Outcome.Copy() })), Is.EqualTo(expected));

        Assert.That(saved.Select(p => p.Stage).Distinct().Count(), Is.GreaterThan(1));
    }

    [Test]
    public void Walk_AgainstLoops_CountsWhatIsSeen([Values(AttackKind.ApgdCe, AttackKind.ApgdT, AttackKind.FabT, AttackKind.Square)] AttackKind kind,
        [Values] Norm norm)
    {
        var model = new LinearModel(5, 3);
        var targets = kind is AttackKind.ApgdT or AttackKind.FabT ? 2 : 0;
        var spec = new WalkSpec(kind, norm, 0.9 * model.Distance(norm), 12, targets, Seed: 4);
        var totals = new StepTotals(5, 12 * Math.Max(1, targets), LinearModel.Pixels);
        var trace = new WalkTrace(spec, model.Spec);
        var seen = new List<(int Step, int Target, float[] Point, float[] Gradient, double Gain)>();
        trace.Begin(cleanLoss: 0.25f);

        model.Watch(spec,
            (walk, gradient) =>
            {
                trace.Look(walk, kind == AttackKind.Square ? [] : gradient);
                seen.Add((walk.Taken, walk.Target, [.. walk.Point], gradient, 0));
            },
            walk =>
            {
                trace.Add(walk, totals);
                seen[^1] = seen[^1] with { Gain = walk.Loss - 0.25 };
            });

        foreach (var group in Enumerable.Range(0, seen.Count).GroupBy(i => seen[i].Step))
        {
            long Of(StepQuantity quantity) => totals[0, group.Key, quantity];
            var compared = group.Where(i => i > 0 && seen[i].Target == seen[i - 1].Target).ToArray();
            Assert.That(Of(StepQuantity.Looks), Is.EqualTo(group.Count()));
            Assert.That(Of(StepQuantity.Gained), Is.EqualTo(kind == AttackKind.FabT ? 0 : group.Count()));
            if (kind != AttackKind.FabT)
            {
                Assert.That(Of(StepQuantity.Gain) * StepTotals.GainUnit, Is.EqualTo(group.Sum(i => seen[i].Gain)).Within(1e-5));
                Assert.That(Of(StepQuantity.AtBound), Is.EqualTo(group.Sum(i => AtBound(seen[i].Point, model.Image, norm, spec.Epsilon))));
            }
            if (kind == AttackKind.Square)
            {
                Assert.That(Of(StepQuantity.Differentiated), Is.Zero);
                continue;
            }
            Assert.That(Of(StepQuantity.Differentiated), Is.EqualTo(group.Count()));
            Assert.That(Of(StepQuantity.Compared), Is.EqualTo(compared.Length));
            Assert.That(Of(StepQuantity.Flips), Is.EqualTo(compared.Sum(i => Flips(seen[i - 1].Gradient, seen[i].Gradient))));
        }
        Assert.That(seen, Has.Count.GreaterThan(12));
    }

    [Test]
    public void Change_OfFoundImages_IsTheirDistanceAndWhatRoundingDoes([Values] Norm norm)
    {
        using var reference = new AttackReference(_trained);
        var attack = Attack("pgd-4", norm);
        var last = Array.ConvertAll(Iterate(AttackSpec.Of(attack)!), x => (double)(float)x);
        var stored = Array.ConvertAll(last, x => (double)(float)(Math.Round(x * 255) / 255));
        using var device = Device.Cpu();
        using var network = _trained.On(device, DType.Float64);
        using var evaluator = new Evaluator(network, new EvaluatorOptions { Telemetry = true, Batch = 7 });
        var clean = evaluator.Clean(_trained.Test);
        var outcome = evaluator.Attack(_trained.Test, attack, clean);

        var row = TelemetrySummary.Add(EvaluationRun.Summarise("pgd-4", _trained.Test, outcome), _trained.Test, attack, outcome);

        var attacked = Enumerable.Range(0, reference.Count).Where(i => clean.Correct[i]).ToArray();
        var broken = attacked.Where(i => !outcome.Correct[i]).ToArray();
        foreach (var i in attacked)
        {
            Assert.That(outcome.Telemetry!.Distance[i], Is.EqualTo(Distance(reference, last, i, norm)).Within(1e-6));
            Assert.That(outcome.Telemetry.RoundedDistance[i], Is.EqualTo(Distance(reference, stored, i, norm)).Within(1e-6));
        }
        Assert.That(row.Change!.Broken, Is.EqualTo(broken.Length).And.GreaterThan(0));
        Assert.That(row.Change.BrokenRounded, Is.EqualTo(broken.Count(i => !IsRight(reference, stored, i))));
        Assert.That(row.Change.Most, Is.EqualTo(attacked.Max(i => Distance(reference, last, i, norm))).Within(1e-6));
        Assert.That(row.Change.MostRounded, Is.EqualTo(attacked.Max(i => Distance(reference, stored, i, norm))).Within(1e-6));
        Assert.That(row.Change.Outside, Is.Zero);
        Assert.That(row.Change.OutsideRounded, Is.EqualTo(attacked.Count(i => Distance(reference, stored, i, norm) > attack.Eps.Value + 1e-5)));
    }

    [Test]
    public void Change_OfAWalk_CountsFoundImagesAndThoseThatRoundingSaves([Values("0.03", "0.0019")] string eps, [Values("apgd-ce", "pgd-8")] string name)
    {
        var attack = StripedNetwork.Attack(name, Norm.Linf, eps, "0.0005");
        using var device = Device.Cpu();
        // Nothing learned, so margins are thin: even the smallest change breaks some images.
        using var network = Network.Create(StripedNetwork.Spec with { Model = "mlp" }, device, seed: 3);
        using var evaluator = new Evaluator(network, new EvaluatorOptions { Telemetry = true, Batch = 16 });
        var outcome = evaluator.Attack(_trained.Test, attack, evaluator.Clean(_trained.Test));
        var found = Enumerable.Range(0, outcome.Correct.Length).Where(i => !outcome.Correct[i] && outcome.Step[i] != 0).ToArray();

        var (distance, saved) = (outcome.Telemetry!.Distance, outcome.Telemetry.RoundedRight);

        if (name == "apgd-ce") Assert.That(Enumerable.Range(0, distance.Length).Where(i => !float.IsNaN(distance[i])), Is.EqualTo(found));
        Assert.That(found, Is.Not.Empty, "the case is of no use if nothing falls");
        Assert.That(found.Select(i => distance[i]), Has.All.InRange(1e-4, attack.Eps.Value + 1e-7));
        // Less than half a byte away: rounding gives the clean image back.
        if (eps == "0.0019") Assert.That(found.Select(i => saved[i]), Has.All.True);
        else Assert.That(found.Count(i => !saved[i]), Is.GreaterThan(0));
        Assert.That(saved.Count(s => s), Is.EqualTo(found.Count(i => saved[i])));
    }

    [Test]
    public void Walks_OfAllLanes_AreCountedOnceBeforeTheFirstStep()
    {
        var outcome = Run("apgd-ce", Norm.Linf, batch: 61, threads: 2, telemetry: true);

        var totals = outcome.Telemetry!.Parts[0];

        for (var k = 0; k < SmallData.Classes; k++)
            Assert.That(totals[k, 0, StepQuantity.Looks],
                Is.EqualTo(Enumerable.Range(0, outcome.Step.Length).Count(i => _trained.Test.Label(i) == k && outcome.Step[i] != 0)).And.GreaterThan(0));
    }

    [Test]
    public void Store_KeepsTelemetry_AsItWas()
    {
        using var folder = new TempFolder();
        var attack = Attack("pgd-4x2");
        var outcome = Run("pgd-4x2", Norm.Linf, batch: 16, threads: 1, telemetry: true);
        using var store = EvaluationStore.Open(folder.File("state"), new string('0', 64), [attack]);

        store.SaveEnd(attack, outcome);

        var kept = store.Find(attack, outcome.Correct.Length);
        Assert.That(kept?.Outcome.Telemetry, Is.Not.Null);
        Assert.That(Bytes(kept!.Outcome), Is.EqualTo(Bytes(outcome)));
    }

    [TestCase(20, 10, 1, 21)]
    [TestCase(100, 10, 1, 101)]
    [TestCase(900, 10, 8, 113)]
    [TestCase(5000, 10, 40, 126)]
    [TestCase(100, 100, 6, 17)]
    [TestCase(5000, 1000, 313, 16)]
    public void Axis_OfManySteps_SharesPointsAndEndsWithTheLast(int steps, int classes, int width, int points)
    {
        var axis = new StepAxis(steps, classes);

        Assert.That((axis.Width, axis.Points), Is.EqualTo((width, points)));
        for (var step = 0; step <= steps; step++)
            Assert.That(step - axis.StepOf(axis.PointOf(step)), Is.InRange(0, width - 1));
        Assert.That(axis.PointOf(steps), Is.EqualTo(points - 1));
    }

    [Test]
    public void Gradient_ZerosNaNsAndInfinities_AreCountedWhereverTheyAre([Values(1, 7, 16, 67)] int length)
    {
        var gradient = TestValues.Normal(length, 3).Select(v => (float)v).ToArray();
        var before = gradient.Select((v, i) => i % 3 == 0 ? -v : v).ToArray();
        var flips = Enumerable.Range(0, length).Count(i => i % 3 == 0);
        if (length > 6)
        {
            (gradient[0], gradient[1], gradient[^1], gradient[^2]) = (0, float.NaN, float.PositiveInfinity, -0f);
            flips = Enumerable.Range(0, length).Count(i => i % 3 == 0 && i != 0 && i < length - 2);
            if ((length - 1) % 3 == 0 && before[^1] < 0) flips++;
        }

        var found = StepCounts.Gradient<float>(gradient, before);

        Assert.That(found, Is.EqualTo((length > 6 ? 2 : 0, length > 6 ? 2 : 0, flips)));
        Assert.That(before, Is.EqualTo(gradient), "it is the one before of the next");
    }

    private static ResolvedAttack Attack(string name, Norm norm = Norm.Linf) =>
        StripedNetwork.Attack(name, norm, norm == Norm.Linf ? "0.03" : "0.3", norm == Norm.Linf ? "0.012" : "0.12");

    private AttackOutcome Run(string name, Norm norm, int batch, int threads, bool telemetry)
    {
        using var device = Device.Cpu(new CpuOptions { Threads = threads });
        using var network = _trained.On(device);
        using var evaluator = new Evaluator(network, new EvaluatorOptions { Batch = batch, Seed = 9, Telemetry = telemetry });
        // Fewer images than there are: Square takes thousands of looks.
        var images = name == "square" ? (IDataset)Subset.First(_trained.Test, 20) : _trained.Test;
        return evaluator.Attack(images, Attack(name, norm), evaluator.Clean(images));
    }

    private IReadOnlyList<AttackResult> Rows(Network network, EvaluatorOptions options, params ResolvedAttack[] attacks)
    {
        using var evaluator = new Evaluator(network, options);
        return EvaluationRun.Run(evaluator, _trained.Test, attacks);
    }

    private static byte[] Bytes(AttackOutcome outcome)
    {
        using var memory = new MemoryStream();
        outcome.Telemetry!.Write(memory);
        return memory.ToArray();
    }

    /// <summary>Where an attack on all images ends, in double.</summary>
    private double[] Iterate(AttackSpec spec)
    {
        using var device = Device.Cpu();
        using var network = _trained.On(device, DType.Float64);
        using var program = new AttackProgram(network, spec, _trained.Test.Count, seed: 0);
        var all = Enumerable.Range(0, _trained.Test.Count).ToArray();
        new ImageSource(_trained.Test, all.Length).Load(all, program);
        program.Run();
        return program.Iterate.ToArray<double>();
    }

    private static double[] Losses(AttackReference reference, double[] images, AttackLoss loss) =>
        [.. reference.Logits(images).Select((z, i) => loss == AttackLoss.CrossEntropy
            ? AttackReference.CrossEntropy(z, reference.Labels[i])
            : z.Where((_, k) => k != reference.Labels[i]).Max() - z[reference.Labels[i]])];

    private static bool IsRight(AttackReference reference, double[] images, int image) =>
        AttackReference.ArgMax(reference.Logits(images)[image]) == reference.Labels[image];

    private static Range Of(AttackReference reference, int image)
    {
        var run = reference.Images.Length / reference.Count;
        return (image * run)..((image + 1) * run);
    }

    private static double Distance(AttackReference reference, double[] images, int image, Norm norm)
    {
        var delta = images[Of(reference, image)].Zip(reference.Images[Of(reference, image)], (x, c) => x - c).ToArray();
        return norm == Norm.Linf ? delta.Max(Math.Abs) : Math.Sqrt(delta.Sum(d => d * d));
    }

    private static double AtBound(AttackReference reference, double[] images, int image, Norm norm, double eps)
    {
        if (norm == Norm.L2) return Distance(reference, images, image, norm) > eps * 0.99999 ? 1 : 0;
        return images[Of(reference, image)].Zip(reference.Images[Of(reference, image)], (x, c) => Math.Abs(x - c) > eps - 1e-6 ? 1 : 0).Average();
    }

    private static int AtBound(float[] point, float[] clean, Norm norm, double eps)
    {
        var delta = point.Zip(clean, (x, c) => Math.Abs((double)x - c)).ToArray();
        if (norm == Norm.Linf) return delta.Count(d => d > eps - 1e-6);
        return Math.Sqrt(delta.Sum(d => d * d)) > eps - 1e-6 ? point.Length : 0;
    }

    private static double Flips(AttackReference reference, double[] before, double[] now, int image) =>
        before[Of(reference, image)].Zip(now[Of(reference, image)], (a, b) => Math.Sign(a) * Math.Sign(b) < 0 ? 1 : 0).Average();

    private static int Flips(float[] before, float[] now) => before.Zip(now, (a, b) => Math.Sign(a) * Math.Sign(b)).Count(s => s < 0);
}
