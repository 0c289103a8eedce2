using Codat.Native.Autograd;
using Codat.Native.Interop;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Whole training steps on CUDA: the processor's numbers, and the same bits captured as eagerly.</summary>
[CudaFixture]
internal sealed class CudaStepTests
{
    private const int Side = 8, Batch = 6, Classes = 3, Steps = 4;

    /// <summary>
    /// Largest difference in norm after a few steps: sums run in another order, and a ReLU or a sign within rounding of zero
    /// may fall on the other side.
    /// </summary>
    private const double Tolerance = 1e-3;

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

    [Test]
    public void Run_FourStepsOfAMethod_AgreeWithTheProcessor([Values] ObjectiveKind objective, [Values(null, 0.01)] double? awp)
    {
        using var cpu = Device.Cpu(new CpuOptions { Threads = 1 });
        using var cuda = CudaTestDevice.CreateDevice();
        var (loss, weights) = ObjectivePreset.Of(objective);
        var spec = Spec(loss, Norm.Linf) with { ClassWeights = new ClassWeightSpec { Kind = weights }, Awp = awp };

        var expected = Train(cpu, "small-cnn", spec, RunAnEpoch);
        var found = Train(cuda, "small-cnn", spec, RunAnEpoch);

        Assert.That(Difference(found.Weights, expected.Weights), Is.LessThan(Tolerance), "weights");
        Assert.That(Difference(found.Table, expected.Table), Is.LessThan(Tolerance), "class risks and weights");
        Assert.That(found.Status, Is.EqualTo(expected.Status), "status");

        // What methods learn at its end must reach steps that were captured before.
        static void RunAnEpoch(StepProgram step)
        {
            step.Run();
            step.Method.EndEpoch(new EpochClasses(1, 1, [0.9, 0.8, 0.4], [0.6, 0.3, 0.3], step.Method.WantsLosses
                ? [.. step.Audit().Take(Classes)] : []));
        }
    }

    [Test]
    public void Run_BudgetsChangedBetweenSteps_AreThoseOfTheNextCapturedStep(
        [Values(ClassWeightKind.Dafa, ClassWeightKind.Cfa)] ClassWeightKind kind, [Values] Norm norm,
        [Values(LossKind.Ce, LossKind.Trades)] LossKind loss)
    {
        using var cpu = Device.Cpu(new CpuOptions { Threads = 1 });
        using var cuda = CudaTestDevice.CreateDevice();
        var spec = Spec(loss, norm) with { ClassWeights = new ClassWeightSpec { Kind = kind } };
        var nodes = 0;

        var expected = Train(cpu, "small-cnn", spec, EndingAnEpoch(step => step.Run()));
        var eager = Train(cuda, "small-cnn", spec, EndingAnEpoch(Eagerly));
        var captured = Train(cuda, "small-cnn", spec, EndingAnEpoch(step =>
        {
            step.Run();
            nodes = step.Replay!.NodeCount; // a CUDA step has one
        }));

        Assert.That(nodes, Is.Positive, "the last steps were to be captured");
        Assert.That(captured.Weights, Is.EqualTo(eager.Weights));
        Assert.That(captured.Table, Is.EqualTo(eager.Table));
        Assert.That(Difference(captured.Weights, expected.Weights), Is.LessThan(Tolerance), "weights");
        Assert.That(Difference(captured.Table, expected.Table), Is.LessThan(Tolerance), "class risks and weights");
    }

    /// <summary>Ends an epoch after the third step, the first that is captured.</summary>
    private static Action<StepProgram> EndingAnEpoch(Action<StepProgram> run)
    {
        var done = 0;
        return step =>
        {
            run(step);
            if (++done != Steps - 1) return;
            var before = step.Method.Budget!.ToArray<double>();
            step.Method.EndEpoch(new EpochClasses(1, 1, [], [], []));
            Assert.That(step.Method.Budget.ToArray<double>(), Is.Not.EqualTo(before));
        };
    }

    [TestCase(PrecisionKind.Tf32)]
    [TestCase(PrecisionKind.Bf16)]
    public void Run_OneStepInLowPrecision_IsNearSinglePrecision(PrecisionKind precision)
    {
        using var cuda = CudaTestDevice.CreateDevice();
        var spec = Spec(LossKind.Ce, Norm.Linf);

        var single = Train(cuda, "medium-cnn", spec, RunFirst);
        var low = Train(cuda, "medium-cnn", spec with { Precision = precision }, RunFirst);

        Assert.That(low.Status, Is.All.Zero);
        // A real library may take engines without tensor cores for tf32 at this size.
        if (precision == PrecisionKind.Bf16 || SimulatedDriver.IsPresent) Assert.That(low.Weights, Is.Not.EqualTo(single.Weights));
        Assert.That(Difference(low.Weights, single.Weights), Is.LessThan(0.02), "weights");
        Assert.That(Difference(low.Table, single.Table), Is.LessThan(0.05), "class risks and weights");

        // Later steps start from other weights, and on six images what rounding turns is turned further by each.
        static void RunFirst(StepProgram step)
        {
            if (step.Tensors.Record.Table.ToArray<double>().All(v => v == 0)) step.Run();
        }
    }

    [TestCase("small-cnn", LossKind.Ce, PrecisionKind.Fp32)]
    [TestCase("small-cnn", LossKind.Ce, PrecisionKind.Fp32, 0.01)]
    [TestCase("wrn-10-1", LossKind.Trades, PrecisionKind.Bf16, 0.01)]
    [TestCase("medium-cnn", LossKind.Trades, PrecisionKind.Fp32)]
    [TestCase("small-cnn", LossKind.Ce, PrecisionKind.Tf32)]
    [TestCase("medium-cnn", LossKind.Trades, PrecisionKind.Bf16)]
    [TestCase("mlp", LossKind.Ce, PrecisionKind.Bf16)]
    [TestCase("wrn-10-1", LossKind.Ce, PrecisionKind.Bf16)]
    public void Run_Captured_GivesTheBitsOfEagerSteps(
        string model, LossKind loss, PrecisionKind precision, double? awp = null)
    {
        using var cuda = CudaTestDevice.CreateDevice();
        var spec = Spec(loss, Norm.Linf) with { Precision = precision, Awp = awp };
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
    public void Run_ReplayedAHundredTimes_GivesTheBitsOfEagerSteps()
    {
        using var cuda = CudaTestDevice.CreateDevice();
        var spec = Spec(LossKind.Ce, Norm.Linf);
        var (eager, replays) = (Train(cuda, "mlp", spec, Eagerly, steps: 102), 0);

        var captured = Train(cuda, "mlp", spec, step =>
        {
            step.Run();
            if (step.Replay!.NodeCount > 0) replays++; // a CUDA step has one
        }, steps: 102);

        Assert.That(replays, Is.GreaterThanOrEqualTo(100));
        Assert.That(captured.Weights, Is.EqualTo(eager.Weights));
        Assert.That(captured.Table, Is.EqualTo(eager.Table));
    }

    [Test]
    public void Run_CapturedWhileGarbageIsCollected_GivesTheBitsOfEagerSteps()
    {
        using var cuda = CudaTestDevice.CreateDevice();
        var spec = Spec(LossKind.Ce, Norm.Linf);
        var eager = Train(cuda, "small-cnn", spec, Eagerly);
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        var nodes = 0;

        var captured = Train(cuda, "small-cnn", spec, step =>
        {
            Abandon(cuda);
            step.Run();
            nodes = step.Replay!.NodeCount; // a CUDA step has one
        });
        stop.Cancel();
        collector.Join();

        Assert.That(nodes, Is.Positive, "the last steps were to be captured");
        Assert.That(captured.Weights, Is.EqualTo(eager.Weights));
        Assert.That(SimulatedDriver.Problems(), Is.Empty);
    }

    [Test]
    public void Run_AfterWarmUp_AllocatesNothing([Values] PrecisionKind precision, [Values(null, 0.01)] double? awp)
    {
        using var cuda = CudaTestDevice.CreateDevice();
        using var network = Network.Create(new NetworkSpec("small-cnn", Side, Side, 1, Classes), cuda, seed: 1);
        using var step = new StepProgram(network, Spec(LossKind.Ce, Norm.Linf) with { Precision = precision, Awp = awp });
        Fill(step, 0);
        for (var i = 0; i < 4; i++) step.Run();
        cuda.Synchronize();
        var (managed, device) = (GC.GetAllocatedBytesForCurrentThread(), cuda.AllocationCount);

        for (var i = 0; i < 20; i++) step.Run();
        cuda.Synchronize();

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - managed, Is.Zero, "managed bytes");
        Assert.That(cuda.AllocationCount - device, Is.Zero, "device allocations");
    }

    [TestCase("small-cnn")]
    [TestCase("wrn-10-1")]
    public void Compile_InBf16_NeedsLessMemory(string model)
    {
        using var cuda = CudaTestDevice.CreateDevice();
        using var network = Network.Create(new NetworkSpec(model, Side, Side, 1, Classes), cuda, seed: 1);
        var spec = Spec(LossKind.Ce, Norm.Linf) with { Batch = 32 };
        using var single = new StepProgram(network, spec);
        using var mixed = new StepProgram(network, spec with { Precision = PrecisionKind.Bf16 });

        var (singleUpdate, mixedUpdate) = (single.Plans.Single(p => p.Name == "update"), mixed.Plans.Single(p => p.Name == "update"));

        Assert.That(mixed.ArenaBytes, Is.LessThan(0.75 * single.ArenaBytes));
        Assert.That(mixedUpdate.ArenaBytes, Is.LessThan(0.75 * singleUpdate.ArenaBytes));
    }

    [Test]
    public void Compile_InBf16_ConvertsWeightsBeforeTheAttackAndNotInIt([Values("small-cnn", "wrn-10-1", "mlp")] string model)
    {
        using var cuda = CudaTestDevice.CreateDevice();
        using var network = Network.Create(new NetworkSpec(model, Side, Side, 1, Classes), cuda, seed: 1);
        using var step = new StepProgram(network, Spec(LossKind.Ce, Norm.Linf) with { Precision = PrecisionKind.Bf16 });

        var prepared = Weights(step, "prepare");
        var inAttack = Weights(step, "attack");

        Assert.That(prepared, Is.Not.Empty);
        Assert.That(inAttack, Is.Empty);

        // What a weight becomes is of the weight's shape; images and activations have the batch for their first size.
        static string[] Weights(StepProgram step, string plan) =>
        [
            .. step.Plans.Single(p => p.Name == plan).Steps
                .Where(s => s.Op is ConvertOp or ScaleFiltersOp && s.Signature.Output.Shape[0] != Batch).Select(s => $"{s.Label} {s.Op.Name}"),
        ];
    }

    [Test]
    public void Run_RiskNotFinite_LeavesWeightsAndSaysSo([Values(null, 0.01)] double? awp)
    {
        using var cuda = CudaTestDevice.CreateDevice();
        using var network = Network.Create(new NetworkSpec("small-cnn", Side, Side, 1, Classes), cuda, seed: 1);
        using var step = new StepProgram(network, Spec(LossKind.Ce, Norm.Linf) with { Awp = awp });
        Fill(step, 0);
        var weights = network.Weights.ToArray<float>();
        weights[0] = float.NaN;
        network.Weights.CopyFrom<float>(weights);

        step.Run();

        Assert.That(step.Tensors.Record.Status.ToArray<int>()[0], Is.Not.Zero);
        Assert.That(network.Weights.ToArray<float>(), Is.EqualTo(weights));
    }

    private static (float[] Weights, double[] Table, int[] Status) Train(
        Device device, string model, StepSpec spec, Action<StepProgram> run, int steps = Steps)
    {
        using var network = Network.Create(new NetworkSpec(model, Side, Side, 1, Classes), device, seed: 1);
        using var step = new StepProgram(network, spec);
        for (var i = 0; i < steps; i++)
        {
            Fill(step, i);
            run(step);
        }

        var record = step.Tensors.Record;
        return (network.Weights.ToArray<float>(), record.Table.ToArray<double>(), record.Status.ToArray<int>());
    }

    /// <summary>Leaves events behind that only their finalizers can release.</summary>
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Abandon(CudaDevice cuda)
    {
        for (var i = 0; i < 20; i++) _ = CudaEvent.Create(cuda.Session.Context, hasTiming: false);
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
