using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>What an evaluation promises of every image, whatever it is evaluated with.</summary>
internal sealed class EvaluatorTests
{
    private StripedNetwork _trained = null!; // set before the first test

    [OneTimeSetUp]
    public void Train() => _trained = StripedNetwork.Train();

    [Test]
    public void Outcome_AnyBatchSizeAndThreads_IsTheSameBits([Values("clean", "fgsm", "pgd-3x2", "cw-3x2")] string name, [Values] Norm norm)
    {
        var eps = norm == Norm.Linf ? "0.06" : "0.6";
        var expected = Evaluate(name, norm, eps, batch: 61, threads: 1);

        foreach (var (batch, threads) in new[] { (1, 1), (7, 2), (64, 3) })
        {
            var found = Evaluate(name, norm, eps, batch, threads);
            Assert.That(found.Correct, Is.EqualTo(expected.Correct), $"batch {batch}");
            Assert.That(found.Predicted, Is.EqualTo(expected.Predicted), $"batch {batch}");
            Assert.That(found.Loss, Is.EqualTo(expected.Loss), $"batch {batch}");
            Assert.That(found.Margin, Is.EqualTo(expected.Margin), $"batch {batch}");
            Assert.That(found.Step, Is.EqualTo(expected.Step), $"batch {batch}");
        }
    }

    [Test]
    public void Outcome_AnyOrderOfImages_IsTheSame()
    {
        var reversed = new Subset(_trained.Test, [.. Enumerable.Range(0, _trained.Test.Count).Reverse()]);

        var expected = Evaluate("pgd-3x2", Norm.Linf, "0.06");
        var found = Evaluate("pgd-3x2", Norm.Linf, "0.06", batch: 16, images: reversed);

        Assert.That(found.Correct.Reverse(), Is.EqualTo(expected.Correct));
        Assert.That(found.Loss.Reverse(), Is.EqualTo(expected.Loss));
    }

    [Test]
    public void Attack_MoreRestarts_OnlyAttackSurvivorsAndNeverRaiseAccuracy()
    {
        const string Last = "pgd-1x5@0.0001";
        using var device = Device.Cpu();
        // Nothing learned, so margins are thin and a start alone breaks some images; which, differs from start to start.
        using var network = Network.Create(StripedNetwork.Spec with { Model = "mlp" }, device, seed: 3);
        var totals = new List<long>();
        using var evaluator = new Evaluator(network, new EvaluatorOptions
        {
            Batch = 64, Progress = (what, _, total) => { if (what == Last) totals.Add(total); },
        });
        var clean = evaluator.Clean(_trained.Test);

        var outcomes = Enumerable.Range(1, 5).Select(r => evaluator.Attack(_trained.Test, StripedNetwork.Attack($"pgd-1x{r}@0.0001", eps: "0.4"),
            clean)).ToArray();

        Assert.That(totals[0], Is.EqualTo(clean.Correct.Count(c => c)));
        for (var r = 1; r < 5; r++)
        {
            Assert.That(totals[r], Is.EqualTo(outcomes[r - 1].Correct.Count(c => c)), "only survivors are attacked again");
            Assert.That(outcomes[r].Loss, Is.EqualTo(outcomes[0].Loss), "risk is of the first restart");
            for (var i = 0; i < clean.Correct.Length; i++)
                Assert.That(outcomes[r].Correct[i] && !outcomes[r - 1].Correct[i], Is.False, "what was broken stays broken");
        }
        Assert.That(totals[4], Is.LessThan(totals[1]), "the case is of no use if restarts break nothing");
    }

    [Test]
    public void Attack_WrongWhenClean_StaysWrong([Values] bool attackAll)
    {
        using var device = Device.Cpu();
        using var network = _trained.On(device);
        using var evaluator = new Evaluator(network, new EvaluatorOptions { AttackAllImages = attackAll });
        var clean = evaluator.Clean(_trained.Test);

        var outcome = evaluator.Attack(_trained.Test, StripedNetwork.Attack("pgd-3"), clean);

        var wrong = Enumerable.Range(0, clean.Correct.Length).Where(i => !clean.Correct[i]).ToArray();
        Assert.That(wrong, Is.Not.Empty);
        Assert.That(outcome.Correct.Count(c => c), Is.LessThan(clean.Correct.Count(c => c)).And.GreaterThan(0));
        Assert.That(wrong.Select(i => outcome.Correct[i]), Has.All.False);
        // Not attacked: the losses of the clean images. Attacked: larger ones.
        if (attackAll) Assert.That(wrong.Average(i => outcome.Loss[i]), Is.GreaterThan(1.1 * wrong.Average(i => clean.Loss[i])));
        else Assert.That(wrong.Select(i => outcome.Loss[i]), Is.EqualTo(wrong.Select(i => clean.Loss[i])));
    }

    [Test]
    public void StepAndMargin_AgainstTheIterates_AreOfTheFirstSuccessAndTheDecidingImage([Values] Norm norm)
    {
        using var reference = new AttackReference(_trained);
        var (eps, step) = norm == Norm.Linf ? ("0.03", "0.006") : ("0.3", "0.05");
        var attack = StripedNetwork.Attack("pgd-4", norm, eps, step);
        using var device = Device.Cpu();
        using var network = _trained.On(device, DType.Float64);
        using var evaluator = new Evaluator(network, new EvaluatorOptions { Batch = 16 });
        var clean = evaluator.Clean(_trained.Test);
        var logits = Enumerable.Range(0, 5)
            .Select(k => reference.Logits(Iterate(AttackSpec.Of(attack)! with { Steps = k }))).Prepend(reference.Logits(reference.Images)).ToArray();

        var outcome = evaluator.Attack(_trained.Test, attack, clean);

        for (var i = 0; i < reference.Count; i++)
        {
            var label = reference.Labels[i];
            var margins = logits.Select(l => l[i][label] - l[i].Where((_, k) => k != label).Max()).ToArray();
            var first = Array.FindIndex(margins, 1, m => m < 0) - 1; // clean image, start, four iterates
            var expected = margins[0] < 0 ? 0 : first < 0 ? AttackOutcome.Never : Math.Max(1, first);
            Assert.That(clean.Step[i], Is.EqualTo(margins[0] < 0 ? 0 : AttackOutcome.Never));
            Assert.That(clean.Margin[i], Is.EqualTo(margins[0]).Within(1e-5));
            Assert.That(outcome.Step[i], Is.EqualTo(expected), $"image {i}");
            Assert.That(outcome.Margin[i], Is.EqualTo(margins[0] < 0 ? margins[0] : margins[^1]).Within(1e-5), $"image {i}");
        }
        Assert.That(outcome.Step.Distinct().Count(), Is.GreaterThan(2), "the case is of no use if all fall alike");
    }

    [Test]
    public void Continue_FromAnyBatch_EndsWithTheSameOutcomes([Values("pgd-2x3@0.005")] string name)
    {
        using var device = Device.Cpu();
        using var network = _trained.On(device);
        var attack = StripedNetwork.Attack(name, eps: "0.03");
        var saved = new List<AttackProgress>();
        using var evaluator = new Evaluator(network, new EvaluatorOptions
        {
            Batch = 16, AfterBatch = p => saved.Add(p with { Outcome = p.Outcome.Copy() }),
        });
        var expected = evaluator.Attack(_trained.Test, attack, evaluator.Clean(_trained.Test));
        var attacked = saved.SelectMany(p => p.Images).ToArray();

        Assert.That(saved.Select(p => p.Stage).Distinct().Count(), Is.GreaterThan(2));
        Assert.That(attacked.Take(expected.Correct.Length).Distinct().Count(), Is.GreaterThan(40));
        using var other = new Evaluator(network, new EvaluatorOptions { Batch = 7 });
        foreach (var progress in saved)
        {
            var found = other.Continue(_trained.Test, progress with { Outcome = progress.Outcome.Copy() });
            Assert.That(found.Correct, Is.EqualTo(expected.Correct));
            Assert.That(found.Step, Is.EqualTo(expected.Step));
            Assert.That(found.Margin, Is.EqualTo(expected.Margin));
            Assert.That(found.Loss, Is.EqualTo(expected.Loss));
            Assert.That(found.Predicted, Is.EqualTo(expected.Predicted));
        }
    }

    [Test]
    public void Clean_AgainstTheNetwork_IsArgMaxAndCrossEntropy()
    {
        using var reference = new AttackReference(_trained);

        var outcome = Evaluate("clean", Norm.Linf, "0.06");

        var logits = reference.Logits(reference.Images);
        for (var i = 0; i < reference.Count; i++)
        {
            Assert.That(outcome.Predicted[i], Is.EqualTo(AttackReference.ArgMax(logits[i])));
            Assert.That(outcome.Loss[i], Is.EqualTo(AttackReference.CrossEntropy(logits[i], reference.Labels[i])).Within(1e-4));
        }
    }

    [Test]
    public void Fgsm_IsOneStepOfTheWholeRadiusFromTheImage([Values] Norm norm)
    {
        using var reference = new AttackReference(_trained);
        var eps = norm == Norm.Linf ? 0.06 : 0.5;

        var iterate = Iterate(AttackSpec.Of(StripedNetwork.Attack("fgsm", norm, norm == Norm.Linf ? "0.06" : "0.5"))!);

        var expected = reference.Step(reference.Images, reference.Images, norm, eps, eps);
        Assert.That(iterate, Is.EqualTo(expected).Within(1e-12));
    }

    [Test]
    public void Pgd_AgainstLoops_ReachesTheSameImages([Values] Norm norm, [Values] AttackLoss loss)
    {
        using var reference = new AttackReference(_trained);
        var (eps, step) = norm == Norm.Linf ? (0.06, 0.02) : (0.6, 0.25);
        var spec = new AttackSpec(norm, eps, step, 3, AttackStart.Uniform, loss);

        var (start, iterate) = (Iterate(spec with { Steps = 0 }), Iterate(spec));

        var expected = start;
        for (var i = 0; i < 3; i++) expected = reference.Step(expected, reference.Images, norm, eps, step, loss);
        Assert.That(start, Is.Not.EqualTo(reference.Images));
        Assert.That(iterate, Is.EqualTo(expected).Within(1e-9));
        reference.CheckInside(iterate, norm, eps);
    }

    [Test]
    public void Pgd_OnRisk_IsTheMeanCrossEntropyAtTheLastIterate()
    {
        using var reference = new AttackReference(_trained);
        using var device = Device.Cpu();
        using var network = _trained.On(device, DType.Float64);
        using var evaluator = new Evaluator(network, new EvaluatorOptions { AttackAllImages = true });
        var attack = StripedNetwork.Attack("pgd-3");
        var logits = reference.Logits(Iterate(AttackSpec.Of(attack)!));

        var outcome = evaluator.Attack(_trained.Test, attack, evaluator.Clean(_trained.Test));
        var row = EvaluationRun.Summarise("pgd-3", _trained.Test, outcome, attack.Step.Value, attack.Restarts);

        for (var k = 0; k < SmallData.Classes; k++)
        {
            var own = Enumerable.Range(0, reference.Count).Where(i => reference.Labels[i] == k).ToArray();
            var risk = own.Average(i => AttackReference.CrossEntropy(logits[i], k));
            Assert.That(row.Accuracy.PerClass[k].N, Is.EqualTo(own.Length));
            Assert.That(row.Accuracy.PerClass[k].Risk, Is.EqualTo(risk).Within(1e-6));
            Assert.That(row.Accuracy.PerClass[k].Correct, Is.EqualTo(own.Count(i => outcome.Correct[i])));
            for (var j = 0; j < SmallData.Classes; j++)
                Assert.That(row.Flow![k * SmallData.Classes + j], Is.EqualTo(own.Count(i => AttackReference.ArgMax(logits[i]) == j)));
        }
    }

    [Test]
    public void Run_SeveralAttacks_AddsTheWorstOfAll()
    {
        using var device = Device.Cpu();
        using var network = _trained.On(device);
        using var evaluator = new Evaluator(network, new EvaluatorOptions());
        var attacks = new[] { "clean", "pgd-3", "fgsm", "cw-3" }.Select(a => StripedNetwork.Attack(a)).ToArray();
        var clean = evaluator.Clean(_trained.Test);
        var each = attacks.Select(a => evaluator.Attack(_trained.Test, a, clean)).ToArray();

        var rows = EvaluationRun.Run(evaluator, _trained.Test, attacks);

        Assert.That(rows.Select(r => r.Name), Is.EqualTo(new[] { "clean", "pgd-3", "fgsm", "cw-3", "worst-of-all" }));
        for (var k = 0; k < SmallData.Classes; k++)
        {
            var own = Enumerable.Range(0, _trained.Test.Count).Where(i => _trained.Test.Label(i) == k).ToArray();
            Assert.That(rows[4].Accuracy.PerClass[k].Correct, Is.EqualTo(own.Count(i => each.All(o => o.Correct[i]))));
            for (var a = 0; a < 4; a++) Assert.That(rows[a].Accuracy.PerClass[k].Correct, Is.EqualTo(own.Count(i => each[a].Correct[i])));
        }
        Assert.That(EvaluationRun.Run(evaluator, _trained.Test, attacks[..2]).Select(r => r.Name), Is.EqualTo(new[] { "clean", "pgd-3" }));
    }

    [Test]
    public void WeightsChanged_AfterTheNetworkLearned_SeesTheNewWeights()
    {
        using var device = Device.Cpu();
        using var network = _trained.On(device);
        using var evaluator = new Evaluator(network, new EvaluatorOptions());
        var attack = StripedNetwork.Attack("pgd-2");
        var before = evaluator.Attack(_trained.Test, attack, evaluator.Clean(_trained.Test));
        var changed = network.Weights.ToArray<float>();
        for (var i = 0; i < changed.Length; i++) changed[i] *= 0.9f;
        network.Weights.CopyFrom<float>(changed);

        evaluator.WeightsChanged();
        var after = evaluator.Attack(_trained.Test, attack, evaluator.Clean(_trained.Test));

        using var fresh = new Evaluator(network, new EvaluatorOptions());
        var expected = fresh.Attack(_trained.Test, attack, fresh.Clean(_trained.Test));
        Assert.That(after.Loss, Is.EqualTo(expected.Loss).And.Not.EqualTo(before.Loss));
    }

    private AttackOutcome Evaluate(string name, Norm norm, string eps, int batch = 61, int threads = 2, IDataset? images = null)
    {
        images ??= _trained.Test;
        using var device = Device.Cpu(new CpuOptions { Threads = threads });
        using var network = _trained.On(device);
        using var evaluator = new Evaluator(network, new EvaluatorOptions { Batch = batch, Seed = 9 });
        return evaluator.Attack(images, StripedNetwork.Attack(name, norm, eps, norm == Norm.Linf ? "0.02" : "0.2"), evaluator.Clean(images));
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
}
