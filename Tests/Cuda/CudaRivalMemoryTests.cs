using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>
/// A step of any method on CUDA allocates nothing once it is captured: no managed byte, no block of the device.
/// </summary>
[CudaFixture]
internal sealed class CudaRivalMemoryTests
{
    private const int Side = 8, Batch = 6, Classes = 3;

    private static readonly string[] s_small =
    [
        "device=cuda", "model=mlp", "batch=8", "train-limit=80", "val-limit=10", "test-limit=10", "steps=1",
        "val-attack=pgd-1", "test=pgd-1",
    ];

    [Test]
    public void Run_AnyMethod_AllocatesNothing([Values] ObjectiveKind objective, [Values(null, 0.01)] double? awp)
    {
        var (loss, weights) = ObjectivePreset.Of(objective);
        Check(loss, weights, "none", awp, ClassRiskPolicy.Batch);
    }

    // What no objective has by itself: terms by class with TRADES, margins' radii, averages of risks.
    [TestCase(LossKind.Ce, ClassWeightKind.Cfa)]
    [TestCase(LossKind.Ce, ClassWeightKind.Dafa)]
    [TestCase(LossKind.Ce, ClassWeightKind.Wat)]
    [TestCase(LossKind.Trades, ClassWeightKind.Faal)]
    [TestCase(LossKind.Trades, ClassWeightKind.Cfol)]
    [TestCase(LossKind.Trades, ClassWeightKind.Frl, "margin-rate=0.9,tau=0")]
    [TestCase(LossKind.Mart, ClassWeightKind.Faal)]
    [TestCase(LossKind.Bat, ClassWeightKind.Codat)]
    public void Run_MethodsCombined_AllocatesNothing(LossKind loss, ClassWeightKind weights, string set = "none") =>
        Check(loss, weights, set, 0.01, ClassRiskPolicy.Average(0.9));

    /// <summary>With the images of the step and, for CFOL, the draw of their classes after the step before.</summary>
    [TestCase("objective=cfol", "set=rate=0.05", "augment=crop4")]
    [TestCase("objective=cfol", "loss=trades", "awp=0.01")]
    [TestCase("objective=group-dro", "ema=0.9", "risk=ema:0.9")]
    [TestCase("objective=cfa")]
    [TestCase("objective=bat", "steps=2")]
    public void Session_OverTwoEpochs_AllocatesNothing(params string[] settings) =>
        FlatMemoryTests.Check(MemoryMeter.Session, [.. s_small, .. settings]);

    [TestCase("objective=cfol", "set=rate=0.05")]
    [TestCase("objective=wat")]
    public void Trainer_FromStepToStep_AllocatesNothing(params string[] settings) =>
        FlatMemoryTests.Check(MemoryMeter.Loop, [.. s_small, "train-limit=400", .. settings]);

    private static void Check(LossKind loss, ClassWeightKind weights, string set, double? awp, ClassRiskPolicy policy)
    {
        using var cuda = CudaTestDevice.CreateDevice();
        using var network = Network.Create(new NetworkSpec("small-cnn", Side, Side, 1, Classes), cuda, seed: 1);
        using var step = new StepProgram(network, new StepSpec
        {
            Batch = Batch, Loss = loss, Awp = awp, Norm = Norm.Linf, Epsilon = 0.1, StepSize = 0.02, AttackSteps = 2,
            Start = ObjectivePreset.StartOf(loss, AttackStart.Uniform), Seed = 9,
            ClassWeights = new ClassWeightSpec
            {
                Kind = weights, Numbers = MethodNumbers.Parse(set, "test"), Policy = policy,
            },
        });
        var pixels = new byte[step.Tensors.Pixels.Shape.Count];
        new Random(1).NextBytes(pixels);
        step.Tensors.Pixels.CopyFrom<byte>(pixels);
        step.Tensors.Labels.CopyFrom<int>([0, 1, 2, 0, 1, 2]);
        step.Tensors.SampleIds.CopyFrom<int>([0, 1, 2, 3, 4, 5]);
        step.Tensors.SetRadius(0.5);
        step.Tensors.SetLearningRate(0.01);
        for (var i = 0; i < 4; i++) step.Run();
        cuda.Synchronize();
        var (managed, device) = (GC.GetAllocatedBytesForCurrentThread(), cuda.AllocationCount);

        for (var i = 0; i < 10; i++) step.Run();
        cuda.Synchronize();

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - managed, Is.Zero, "managed bytes");
        Assert.That(cuda.AllocationCount - device, Is.Zero, "device allocations");
        Assert.That(step.Replay!.NodeCount, Is.Positive, "the steps were to be captured"); // a CUDA step has one
        Assert.That(step.Tensors.Record.Status.ToArray<int>()[0], Is.Zero, "the steps were made");
    }
}
