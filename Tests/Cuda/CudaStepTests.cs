using Codat.Native.Autograd;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Whole training steps on CUDA: the processor's numbers, and the same bits captured as eagerly.</summary>
[Category(CudaTestDevice.Category)]
internal sealed class CudaStepTests
{
    private const int Side = 8, Batch = 6, Classes = 3, Steps = 4;

    /// <summary>
    /// Largest difference in norm after a few steps: sums run in another order, and a ReLU or a sign within rounding of zero
    /// may fall on the other side.
    /// </summary>
    private const double Tolerance = 1e-3;

    [OneTimeSetUp]
    public void RequireCuda()
    {
        if (CudaTestDevice.WhyNot is { } reason) Assert.Ignore(reason);
    }

    [Test]
    public void Run_FourSteps_AgreeWithTheProcessor(
        [Values("mlp", "small-cnn", "medium-cnn")] string model, [Values] LossKind loss, [Values] Norm norm)
    {
        using var cpu = Device.Cpu(new CpuOptions { Threads = 1 });
        using var cuda = CudaTestDevice.CreateDevice();

        var expected = Train(cpu, model, Spec(loss, norm), step => step.Run());
        var found = Train(cuda, model, Spec(loss, norm), step => step.Run());

        Assert.That(Difference(found.Weights, expected.Weights), Is.LessThan(Tolerance), "weights");
        Assert.That(Difference(found.Table, expected.Table), Is.LessThan(Tolerance), "class risks and weights");
        Assert.That(found.Status, Is.EqualTo(expected.Status), "status");
    }

    [TestCase("small-cnn", LossKind.Ce)]
    [TestCase("medium-cnn", LossKind.Trades)]
    public void Run_Captured_GivesTheBitsOfEagerSteps(string model, LossKind loss)
    {
        using var cuda = CudaTestDevice.CreateDevice();
        var spec = Spec(loss, Norm.Linf);
        var nodes = 0;

        var eager = Train(cuda, model, spec, Eagerly);
        var captured = Train(cuda, model, spec, step =>
        {
            step.Run();
            nodes = step.Replay!.NodeCount; // a CUDA step has one
            Assert.That(step.Replay.Failure, Is.Null);
        });

        Assert.That(nodes, Is.Positive, "the last steps were to be captured");
        Assert.That(captured.Weights, Is.EqualTo(eager.Weights));
        Assert.That(captured.Table, Is.EqualTo(eager.Table));
    }

    [Test]
    public void Run_AfterWarmUp_AllocatesNothing()
    {
        using var cuda = CudaTestDevice.CreateDevice();
        using var network = Network.Create(new NetworkSpec("small-cnn", Side, Side, 1, Classes), cuda, seed: 1);
        using var step = new StepProgram(network, Spec(LossKind.Ce, Norm.Linf));
        Fill(step, 0);
        for (var i = 0; i < 4; i++) step.Run();
        cuda.Synchronize();
        var (managed, device) = (GC.GetAllocatedBytesForCurrentThread(), cuda.AllocationCount);

        for (var i = 0; i < 20; i++) step.Run();
        cuda.Synchronize();

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - managed, Is.Zero, "managed bytes");
        Assert.That(cuda.AllocationCount - device, Is.Zero, "device allocations");
    }

    [Test]
    public void Run_RiskNotFinite_LeavesWeightsAndSaysSo()
    {
        using var cuda = CudaTestDevice.CreateDevice();
        using var network = Network.Create(new NetworkSpec("small-cnn", Side, Side, 1, Classes), cuda, seed: 1);
        using var step = new StepProgram(network, Spec(LossKind.Ce, Norm.Linf));
        Fill(step, 0);
        var weights = network.Weights.ToArray<float>();
        weights[0] = float.NaN;
        network.Weights.CopyFrom<float>(weights);

        step.Run();

        Assert.That(step.Tensors.Record.Status.ToArray<int>()[0], Is.Not.Zero);
        Assert.That(network.Weights.ToArray<float>(), Is.EqualTo(weights));
    }

    private static (float[] Weights, double[] Table, int[] Status) Train(
        Device device, string model, StepSpec spec, Action<StepProgram> run)
    {
        using var network = Network.Create(new NetworkSpec(model, Side, Side, 1, Classes), device, seed: 1);
        using var step = new StepProgram(network, spec);
        for (var i = 0; i < Steps; i++)
        {
            Fill(step, i);
            run(step);
        }

        var record = step.Tensors.Record;
        return (network.Weights.ToArray<float>(), record.Table.ToArray<double>(), record.Status.ToArray<int>());
    }

    private static void Eagerly(StepProgram step)
    {
        step.Prepare();
        step.Attack();
        step.Update();
    }

    private static void Fill(StepProgram step, int number)
    {
        var random = new Random(number + 1);
        var pixels = new byte[step.Tensors.Pixels.Shape.Count];
        random.NextBytes(pixels);
        step.Tensors.Pixels.CopyFrom<byte>(pixels);
        step.Tensors.Labels.CopyFrom<int>([0, 1, 2, 0, 1, number % Classes]);
        step.Tensors.SampleIds.CopyFrom<int>([number, 7, 3, 100 + number, 5, 6]);
        step.Tensors.SetRadius(0.5);
        step.Tensors.SetLearningRate(0.05);
    }

    private static StepSpec Spec(LossKind loss, Norm norm) => new()
    {
        Batch = Batch, Loss = loss, ClassWeights = new ClassWeightSpec { Kind = ClassWeightKind.Codat },
        Norm = norm, Epsilon = norm == Norm.Linf ? 0.1 : 0.5, StepSize = norm == Norm.Linf ? 0.02 : 0.125,
        AttackSteps = 2, Start = loss == LossKind.Trades ? AttackStart.Gaussian : AttackStart.Uniform, Seed = 9,
    };

    private static double Difference<T>(T[] found, T[] expected) where T : IConvertible
    {
        double error = 0, norm = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            var (f, e) = (found[i].ToDouble(null), expected[i].ToDouble(null));
            error += (f - e) * (f - e);
            norm += e * e;
        }

        return Math.Sqrt(error / Math.Max(norm, 1e-30));
    }
}
