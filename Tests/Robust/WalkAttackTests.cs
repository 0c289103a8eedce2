using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The AutoAttack family on a trained network: what holds whatever the batch, the threads and the interruptions.</summary>
internal sealed class WalkAttackTests
{
    private static readonly AttackStage s_stage = new(StripedNetwork.Attack("square"), 0, 0, 0, 0);

    private StripedNetwork _trained = null!; // set before the first test

    [OneTimeSetUp]
    public void Train() => _trained = StripedNetwork.Train();

    [Test]
    public void Run_AnyBatchSizeAndThreads_IsTheSameBits([Values(AttackKind.ApgdCe, AttackKind.ApgdDlr, AttackKind.ApgdT, AttackKind.FabT, AttackKind.Square)] AttackKind kind,
        [Values] Norm norm)
    {
        var expected = Run(kind, norm, batch: 64, threads: 1);

        Assert.That(expected.Correct.Count(c => c), Is.GreaterThan(0).And.LessThan(_trained.Test.Count), "of no use if all are alike");
        foreach (var (batch, threads) in new[] { (1, 1), (7, 3), (64, 3), (500, 2) })
        {
            var found = Run(kind, norm, batch, threads);
            Assert.That(found.Correct, Is.EqualTo(expected.Correct), $"batch {batch}");
            Assert.That(found.Predicted, Is.EqualTo(expected.Predicted), $"batch {batch}");
            Assert.That(found.Loss, Is.EqualTo(expected.Loss), $"batch {batch}");
            Assert.That(found.Margin, Is.EqualTo(expected.Margin), $"batch {batch}");
            Assert.That(found.Step, Is.EqualTo(expected.Step), $"batch {batch}");
        }
    }

    [Test]
    public void Attack_Composition_RunsPartsOnSurvivorsAndContinuesAnywhere([Values("aa-light")] string name, [Values] Norm norm)
    {
        var images = Subset.First(_trained.Test, 24);
        using var device = Device.Cpu();
        using var network = _trained.On(device);
        var saved = new List<AttackProgress>();
        using var evaluator = new Evaluator(network, new EvaluatorOptions
        {
            Batch = 8, AfterBatch = p => saved.Add(p with { Outcome = p.Outcome.Copy() }),
        });
        var (attack, clean) = (Attack(name, norm), evaluator.Clean(images));

        var outcome = evaluator.Attack(images, attack, clean);

        var parts = attack.Parts.Select(p => evaluator.Attack(images, p, clean)).ToArray();
        for (var i = 0; i < images.Count; i++) Assert.That(outcome.Correct[i], Is.EqualTo(parts.All(p => p.Correct[i])), $"image {i}");
        Assert.That(outcome.Loss, Is.EqualTo(parts[0].Loss), "risk is of the first part");
        saved.RemoveAll(p => p.Attack.Name != name);
        Assert.That(saved.Select(p => p.Part).Distinct(), Is.EqualTo(attack.Parts.Select(p => p.Name)));
        Assert.That(saved.Where(p => p.Stage == 1).SelectMany(p => p.Images).All(i => parts[0].Correct[i]), Is.True);
        using var other = new Evaluator(network, new EvaluatorOptions { Batch = 5 });
        foreach (var progress in saved)
        {
            var found = other.Continue(images, progress);
            Assert.That(found.Correct, Is.EqualTo(outcome.Correct));
            Assert.That(found.Step, Is.EqualTo(outcome.Step));
            Assert.That(found.Margin, Is.EqualTo(outcome.Margin));
        }
    }

    [Test]
    public void Attack_StrongerAttacks_BreakWhatPgdBreaks([Values] Norm norm)
    {
        using var device = Device.Cpu();
        using var network = _trained.On(device);
        using var evaluator = new Evaluator(network, new EvaluatorOptions());
        var clean = evaluator.Clean(_trained.Test);
        var pgd = evaluator.Attack(_trained.Test, Attack("pgd-20", norm), clean);

        var strong = evaluator.Attack(_trained.Test, Attack("apgd-ce", norm), clean);

        Assert.That(strong.Correct.Count(c => c), Is.LessThanOrEqualTo(pgd.Correct.Count(c => c)));
        for (var i = 0; i < clean.Correct.Length; i++)
        {
            Assert.That(strong.Correct[i], Is.EqualTo(strong.Margin[i] > 0), "right and broken images differ in the sign of the margin");
            Assert.That(strong.Step[i], clean.Correct[i] ? strong.Correct[i] ? Is.EqualTo(AttackOutcome.Never) : Is.InRange(1, 100) : Is.Zero);
            Assert.That(strong.Predicted[i] == _trained.Test.Label(i), Is.EqualTo(strong.Correct[i]));
        }
    }

    [Test]
    public void Run_Cancelled_StopsWithoutAResult()
    {
        using var device = Device.Cpu(new CpuOptions { Threads = 2 });
        using var network = _trained.On(device);
        using var evaluator = new Evaluator(network, new EvaluatorOptions());
        var clean = evaluator.Clean(_trained.Test);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.That(() => evaluator.Attack(_trained.Test, Attack("square", Norm.Linf), clean, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Run_AfterTheFirstBatch_AllocatesNoDeviceMemoryAndNearlyNothingElse([Values(AttackKind.ApgdT, AttackKind.FabT, AttackKind.Square)] AttackKind kind)
    {
        using var device = Device.Cpu(new CpuOptions { Threads = 1 });
        using var network = _trained.On(device);
        using var attack = new WalkAttack(network, Spec(kind, Norm.Linf, iterations: 20), 16, isTraced: false);
        var (which, outcome) = (Enumerable.Range(0, 16).ToArray(), Fresh());
        attack.Run(_trained.Test, which, s_stage, outcome, CancellationToken.None);
        var (native, managed) = (device.AllocationCount, GC.GetAllocatedBytesForCurrentThread());

        attack.Run(_trained.Test, which, s_stage, Fresh(), CancellationToken.None);

        Assert.That(device.AllocationCount, Is.EqualTo(native));
        // The batch's own record and the outcome of the test; 20 steps or more of 16 images leave nothing.
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - managed, Is.LessThan(8000));
    }

    [Test]
    [Category("Cuda")]
    public void Run_OnCuda_BreaksTheSameImages([Values(AttackKind.ApgdCe, AttackKind.ApgdT, AttackKind.Square)] AttackKind kind)
    {
        var expected = Run(kind, Norm.Linf, batch: 16, threads: 1, iterations: 6, images: 16);
        using var device = CudaTestDevice.CreateDevice();
        using var network = _trained.On(device);
        using var attack = new WalkAttack(network, Spec(kind, Norm.Linf, iterations: 6), 16, isTraced: false);
        var outcome = Fresh();

        attack.Run(_trained.Test, [.. Enumerable.Range(0, 16)], s_stage, outcome, CancellationToken.None);

        // Sums differ in the last bits, and a sign may turn on them: a few images may end elsewhere.
        Assert.That(outcome.Correct.Zip(expected.Correct, (a, b) => a != b).Count(d => d), Is.LessThanOrEqualTo(1));
    }

    private AttackOutcome Run(AttackKind kind, Norm norm, int batch, int threads, int iterations = 12, int images = int.MaxValue)
    {
        using var device = Device.Cpu(new CpuOptions { Threads = threads });
        using var network = _trained.On(device);
        using var attack = new WalkAttack(network, Spec(kind, norm, iterations), batch, isTraced: false);
        var outcome = Fresh();
        foreach (var which in Enumerable.Range(0, Math.Min(images, _trained.Test.Count)).Chunk(batch))
            attack.Run(_trained.Test, which, s_stage, outcome, CancellationToken.None);
        return outcome;
    }

    private AttackOutcome Fresh()
    {
        var outcome = new AttackOutcome(_trained.Test.Count);
        Array.Fill(outcome.Correct, true);
        Array.Fill(outcome.Step, AttackOutcome.Never);
        Array.Fill(outcome.Margin, float.PositiveInfinity);
        return outcome;
    }

    private static ResolvedAttack Attack(string name, Norm norm) => StripedNetwork.Attack(name, norm, norm == Norm.Linf ? "0.03" : "0.3", norm == Norm.Linf ? "0.01" : "0.1");

    private static WalkSpec Spec(AttackKind kind, Norm norm, int iterations) => new(kind, norm, norm == Norm.Linf ? 0.03 : 0.3,
        kind == AttackKind.Square ? 4 * iterations : iterations, kind is AttackKind.ApgdT or AttackKind.FabT ? 3 : 0, Seed: 4);
}
