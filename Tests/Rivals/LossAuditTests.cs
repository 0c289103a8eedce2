using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The loss of a step on images it does not learn from.</summary>
internal sealed class LossAuditTests
{
    private StripedNetwork _trained = null!; // SetUp precedes tests

    [OneTimeSetUp]
    public void SetUp() => _trained = StripedNetwork.Train();

    [Test]
    public void ClassMeans_WithoutAnAttack_AreTheMeansOfTheCrossEntropy([Values(16, 61, 100)] int batch)
    {
        using var device = Device.Cpu();
        using var network = _trained.On(device);
        using var step = Step(network, batch, LossKind.Trades, eps: 0);
        using var evaluator = new Evaluator(network, new EvaluatorOptions { Batch = 20 });
        var images = new Subset(_trained.Test, [.. Enumerable.Range(0, 50)]);

        var found = LossAudit.ClassMeans(step, images, epoch: 1);

        var expected = EvaluationRun.Summarise("clean", images, evaluator.Clean(images)).Accuracy.PerClass;
        Assert.That(found, Is.EqualTo(expected.Select(c => c.Risk)).Within(1e-6));
    }

    [Test]
    public void ClassMeans_UnderAttack_AreLargerAndDoNotDependOnTheBatch()
    {
        using var device = Device.Cpu();
        using var network = _trained.On(device);
        using var still = Step(network, 20, LossKind.Trades, eps: 0);
        using var small = Step(network, 20, LossKind.Trades, eps: 0.05);
        using var large = Step(network, 64, LossKind.Trades, eps: 0.05);

        var (clean, attacked) = (LossAudit.ClassMeans(still, _trained.Test, 1), LossAudit.ClassMeans(small, _trained.Test, 1));

        Assert.That(LossAudit.ClassMeans(large, _trained.Test, 1), Is.EqualTo(attacked));
        for (var k = 0; k < clean.Length; k++) Assert.That(attacked[k], Is.GreaterThan(clean[k] + 1e-3), $"class {k}");
    }

    [Test]
    public void ClassMeans_ClassWithoutImages_IsNotANumber()
    {
        using var device = Device.Cpu();
        using var network = _trained.On(device);
        using var step = Step(network, 20, LossKind.Ce, eps: 0.05);
        var images = new Subset(_trained.Test, [.. Enumerable.Range(0, 61).Where(i => _trained.Test.Label(i) != 1)]);

        var found = LossAudit.ClassMeans(step, images, 1);

        Assert.That(found.Select(double.IsNaN), Is.EqualTo(Enumerable.Range(0, SmallData.Classes).Select(k => k == 1)));
    }

    [Test]
    public void ClassMeans_BatchNormInTheAttack_LeavesTheNetworkAlone([Values] AttackBatchNorm mode)
    {
        using var device = Device.Cpu();
        using var network = Network.Create(StripedNetwork.Spec with { Model = "wrn-10-1" }, device, seed: 2);
        using var step = Step(network, 20, LossKind.Trades, eps: 0.05, mode);
        step.Tensors.SetEpoch(7);
        var (weights, running) = (network.Weights.ToArray<float>(), network.RunningStatistics!.ToArray<float>());

        LossAudit.ClassMeans(step, _trained.Test, 1);

        Assert.That(network.Weights.ToArray<float>(), Is.EqualTo(weights));
        Assert.That(network.RunningStatistics.ToArray<float>(), Is.EqualTo(running));
        Assert.That(step.Tensors.Counters.ToArray<int>(), Is.EqualTo(new[] { 7, 0 }));
        Assert.That(step.Tensors.Record.Table.ToArray<double>(), Has.All.Zero);
    }

    private static StepProgram Step(
        Network network, int batch, LossKind loss, double eps, AttackBatchNorm mode = AttackBatchNorm.Eval) =>
        new(network, StripedNetwork.StepSpec(batch, loss, ClassWeightKind.Wat) with
        {
            Epsilon = eps, StepSize = 0.02, AttackSteps = 3, Start = AttackStart.Uniform, AttackBatchNorm = mode,
        });
}
