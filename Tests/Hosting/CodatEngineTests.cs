using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Interop;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The embedded trainer on the processor: what it computes, what it refuses, what it keeps.</summary>
internal sealed class CodatEngineTests
{
    private const int Steps = 4;

    [TestCase("objective=codat")]
    [TestCase("objective=trades", "risk=ema:0.9", "label-smoothing=0.1")]
    [TestCase("objective=at", "nesterov=true", "norm=l2")]
    public void Step_BatchesOfTheTrainer_GiveItsWeights(params string[] settings)
    {
        using var folder = new TempFolder();
        var options = TinyRun.Options(folder.File("run"), ["model=small-cnn", "batch=16", "train-limit=48", .. settings]);
        using var device = Device.Cpu(new CpuOptions { Threads = 1 });

        var (trainer, engine) = TrainerMatch.Run(options, device, Steps, o => o, (e, slot) =>
            e.Step(HostBatch.Of(slot.Pixels, slot.Labels) with { SampleIds = slot.SampleIds, Epoch = slot.Epoch }));

        Assert.That(engine, Is.EqualTo(trainer));
    }

    [Test]
    public void Step_SamePixelsInEveryForm_GiveTheSameBits()
    {
        using var reference = CodatEngine.Create(EngineSetup.Options());
        var expected = EngineSetup.Train(reference, Steps);
        var (bytes, floats) = ((Func<int, byte[]>)EngineSetup.Bytes, (Func<int, float[]>)EngineSetup.Floats);

        Assert.Multiple(() =>
        {
            Check("floats", i => HostBatch.Of(floats(i), EngineSetup.Labels(i)));
            Check("int64 labels", i => HostBatch.Of(bytes(i), EngineSetup.WideLabels(i)));
            Check("planes of bytes", i => HostBatch.Of(EngineSetup.Planar(bytes(i)), EngineSetup.Labels(i), ImageLayout.Nchw));
            Check("planes of floats", i => HostBatch.Of(EngineSetup.Planar(floats(i)), EngineSetup.WideLabels(i), ImageLayout.Nchw));
        });

        void Check(string what, BatchOf batch)
        {
            using var engine = CodatEngine.Create(EngineSetup.Options());
            for (var i = 0; i < Steps; i++) engine.Step(batch(i) with { SampleIds = EngineSetup.Ids(i), Epoch = i / 3 });
            Assert.That(engine.Network.Weights.ToArray<float>(), Is.EqualTo(expected), what);
        }
    }

    [Test]
    public void Read_AfterAStep_HasLossRisksAndWeights()
    {
        using var engine = CodatEngine.Create(EngineSetup.Options());

        var report = engine.Step(EngineSetup.Host(0)).Read();

        Assert.Multiple(() =>
        {
            Assert.That((report.Step, report.Count), Is.EqualTo((1, EngineSetup.Batch)));
            Assert.That(report.IsPresent, Is.All.True);
            Assert.That(report.ClassWeights.Sum(), Is.EqualTo(1).Within(1e-12));
            Assert.That(report.Loss, Is.EqualTo(report.ClassWeights.Zip(report.ClassRisks, (w, r) => w * r).Sum()).Within(1e-12));
            Assert.That(report.EtaEffective, Is.EqualTo(0.5));
            Assert.That(report.RiskVariance, Is.Positive);
        });
    }

    [Test]
    public void LastStep_ReadLate_IsThatStepUntilItsSlotIsUsedAgain()
    {
        using var engine = CodatEngine.Create(EngineSetup.Options("mlp"));
        Assert.That(() => engine.LastStep.Read(), Throws.InvalidOperationException);
        var first = engine.Step(EngineSetup.Host(0));
        var loss = first.Read().Loss;
        for (var i = 1; i < 32; i++) engine.Step(EngineSetup.Host(i));

        Assert.That(first.Read().Loss, Is.EqualTo(loss));
        Assert.That(engine.LastStep.Number, Is.EqualTo(32));
        engine.Step(EngineSetup.Host(32));
        Assert.That(() => first.Read(), Throws.InstanceOf<CodatException>().With.Message.Contains("not kept any more"));
    }

    [Test]
    public void Settings_ChangedBetweenSteps_CountFromTheNext()
    {
        using var engine = CodatEngine.Create(EngineSetup.Options() with { WeightDecay = 0, Momentum = 0 });
        engine.Step(EngineSetup.Host(0));
        var before = engine.Network.Weights.ToArray<float>();
        (engine.LearningRate, engine.Eta) = (0, 0.125);

        var report = engine.Step(EngineSetup.Host(1)).Read();

        Assert.That(engine.Network.Weights.ToArray<float>(), Is.EqualTo(before));
        Assert.That(report.EtaEffective, Is.EqualTo(0.125));
        engine.LearningRate = 0.1;
        engine.Step(EngineSetup.Host(2));
        Assert.That(engine.Network.Weights.ToArray<float>(), Is.Not.EqualTo(before));
        Assert.That(() => engine.Eta = double.NaN, Throws.InstanceOf<CodatException>().With.Message.Contains("Eta"));
    }

    [Test]
    public void Step_WithoutIdsAndEpoch_StartsTheAttackAnewEachTime()
    {
        using var engine = CodatEngine.Create(EngineSetup.Options() with { LearningRate = 0 });

        var losses = Enumerable.Range(0, 3).Select(_ => engine.Step(HostBatch.Of(EngineSetup.Bytes(0), EngineSetup.Labels(0))).Read().Loss).ToArray();

        // Weights stay, so only the start of the attack can differ.
        Assert.That(losses.Distinct().Count(), Is.EqualTo(3));
    }

    [Test]
    public void Step_AfterWarmUp_AllocatesNothing()
    {
        using var engine = CodatEngine.Create(EngineSetup.Options());
        var (pixels, labels, report) = (EngineSetup.Bytes(0), EngineSetup.Labels(0), new StepReport(EngineSetup.Classes));
        for (var i = 0; i < 40; i++) engine.Step(HostBatch.Of(pixels, labels)).Read(report);
        var bytes = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 20; i++) engine.Step(HostBatch.Of(pixels, labels)).Read(report);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - bytes, Is.Zero);
    }

    [TestCase(float.NaN)]
    [TestCase(1.5f)]
    [TestCase(-0.01f)]
    public void Step_NoPixel_FailsAndLeavesWeights(float value)
    {
        using var folder = new TempFolder();
        using var engine = CodatEngine.Create(EngineSetup.Options());
        engine.Step(EngineSetup.Host(0)).Read();
        engine.Save(folder.File("good.safetensors"));
        var before = engine.Network.Weights.ToArray<float>();
        var floats = EngineSetup.Floats(1);
        floats[100] = value;

        var failed = engine.Step(HostBatch.Of(floats, EngineSetup.Labels(1)));

        Assert.That(() => failed.Read(), Throws.InstanceOf<TrainingFailedException>().With.Message.Contains("step 2").And.Message.Contains("pixels in [0,1]"));
        Assert.That(() => engine.Step(EngineSetup.Host(2)), Throws.InstanceOf<TrainingFailedException>());
        Assert.That(() => engine.Save(folder.File("bad.safetensors")), Throws.InstanceOf<TrainingFailedException>());
        Assert.That(File.Exists(folder.File("bad.safetensors")), Is.False);
        Assert.That(engine.Network.Weights.ToArray<float>(), Is.EqualTo(before));
        engine.Load(folder.File("good.safetensors"));
        Assert.That(engine.Step(EngineSetup.Host(2)).Read().Loss, Is.InRange(0, 100));
    }

    [Test]
    public void Step_PixelsARoundingOutside_AreClipped()
    {
        using var engine = CodatEngine.Create(EngineSetup.Options());
        var floats = EngineSetup.Floats(0);
        (floats[0], floats[1]) = (-0.0005f, 1.0005f);
        using var clipped = CodatEngine.Create(EngineSetup.Options());

        var loss = engine.Step(HostBatch.Of(floats, EngineSetup.Labels(0))).Read().Loss;
        (floats[0], floats[1]) = (0, 1);

        Assert.That(loss, Is.EqualTo(clipped.Step(HostBatch.Of(floats, EngineSetup.Labels(0))).Read().Loss));
    }

    [Test]
    public void Step_BatchThatDoesNotFit_IsRefusedAndChangesNothing()
    {
        using var engine = CodatEngine.Create(EngineSetup.Options());
        var (pixels, labels) = (EngineSetup.Bytes(0), EngineSetup.Labels(0));

        Assert.Multiple(() =>
        {
            Refused("1152 values, found 1151", () => engine.Step(HostBatch.Of(pixels.AsSpan(1), labels)));
            Refused("6 images of 8x8x3", () => engine.Step(HostBatch.Of(pixels.AsSpan(192), labels.AsSpan(1))));
            Refused("labels); expected 6, one for each image, found 5", () => engine.Step(HostBatch.Of(pixels, labels.AsSpan(1))));
            Refused("labels); expected 6, one for each image, found 0", () => engine.Step(HostBatch.Of(pixels)));
            Refused("label 2); expected a class from 0 to 2, found 3", () => engine.Step(HostBatch.Of(pixels, new[] { 0, 1, 3, 0, 0, 0 })));
            Refused("found 4294967296", () => engine.Step(HostBatch.Of(pixels, new[] { 0, 1L << 32, 0, 0, 0, 0 })));
            Refused("sample ids", () => engine.Step(HostBatch.Of(pixels, labels) with { SampleIds = new int[5] }));
            Refused("1 to 6 whole images", () => engine.Predict(HostBatch.Of(new byte[7 * 192])));
            Refused("labels", () => engine.Evaluate(HostBatch.Of(pixels)));
            Refused("the engine runs on the processor", () => engine.Step(DeviceBatch.Of(new DeviceSpan<byte>(4096, EngineSetup.Values), new DeviceSpan<int>(4096, EngineSetup.Batch))));
        });
        Assert.That(engine.LastStep, Is.EqualTo(default(StepReading)));
    }

    [Test]
    public void Create_BadOption_NamesIt()
    {
        var good = EngineSetup.Options();

        Assert.Multiple(() =>
        {
            Refused("(Batch); expected at least 1, found 0", () => CodatEngine.Create(good with { Batch = 0 }));
            Refused("(ClassWeights); expected a way of weighing that needs neither epochs nor batches of its own, found Cfa",
                () => CodatEngine.Create(good with { ClassWeights = new ClassWeightSpec { Kind = ClassWeightKind.Cfa } }));
            Refused("(Eta)", () => CodatEngine.Create(good with { Eta = -1 }));
            Refused("(Momentum)", () => CodatEngine.Create(good with { Momentum = 1 }));
            Refused("(Spec)", () => CodatEngine.Create(good with { Spec = null }));
            Refused("write 8/255", () => CodatEngine.Create(good with { Threat = ThreatModel.Colour with { Eps = Magnitude.Of(8) } }));
            Refused("(Mode); expected nothing without a Context", () => CodatEngine.Create(good with { Mode = HostMode.Adopt }));
            Refused("(Precision)", () => CodatEngine.Create(good with { Precision = PrecisionKind.Tf32 }));
            Refused("(Prior); expected 3 shares", () => CodatEngine.Create(good with { Prior = [0.5, 0.5] }));
            Refused("small-cnn", () => CodatEngine.Create(good with { Spec = good.Spec! with { Height = 7 } }));
        });
    }

    [Test]
    public void Create_MemoryLimitTooSmall_NamesTheNumbers()
    {
        var error = Assert.Throws<HostOutOfMemoryException>(() => CodatEngine.Create(EngineSetup.Options() with { MemoryLimitBytes = 100_000 }));

        Assert.That(error!.Message, Does.Contain("limit of 100,000 bytes"));
    }

    [Test]
    public void Save_ThenWeights_GoOnFromThere()
    {
        using var folder = new TempFolder();
        var path = folder.File("net.safetensors");
        using var engine = CodatEngine.Create(EngineSetup.Options("wrn-10-1"));
        EngineSetup.Train(engine, Steps);

        engine.Save(path, ["a", "b", "c"]);
        using var again = CodatEngine.Create(EngineSetup.Options() with { Spec = null, Weights = path });
        using var other = CodatEngine.Create(EngineSetup.Options("wrn-10-1") with { Seed = 77 });
        other.Load(path);

        Assert.Multiple(() =>
        {
            foreach (var found in new[] { again.Network, other.Network })
            {
                Assert.That(found.Weights.ToArray<float>(), Is.EqualTo(engine.Network.Weights.ToArray<float>()));
                Assert.That(found.RunningStatistics!.ToArray<float>(), Is.EqualTo(engine.Network.RunningStatistics!.ToArray<float>()));
            }
        });
        using var mlp = CodatEngine.Create(EngineSetup.Options("mlp"));
        Refused("expected mlp 8x8x3, 3 classes", () => mlp.Load(path));
    }

    [Test]
    public void Evaluate_WholeSetInBatches_IsTheEvaluators()
    {
        var images = SyntheticDataset.Create(new SyntheticOptions { Classes = EngineSetup.Classes, Shape = new ImageShape(8, 8, 3), TestCount = 21, Seed = 5 }, DatasetSplit.Test);
        using var engine = CodatEngine.Create(EngineSetup.Options());
        EngineSetup.Train(engine, Steps);
        using var evaluator = new Evaluator(engine.Network, new EvaluatorOptions { Batch = 5, Seed = 9 });
        var clean = evaluator.Clean(images);
        var attacked = evaluator.Attack(images, new ResolvedAttack("pgd", AttackKind.Pgd, Norm.Linf, Magnitude.Of(0.1), Magnitude.Of(0.04), 3, 1, AttackStart.Uniform), clean);

        var (right, robust, predicted) = (0, 0, new List<int>());
        for (var start = 0; start < images.Count; start += EngineSetup.Batch)
        {
            var (pixels, labels, ids) = Read(images, start, Math.Min(EngineSetup.Batch, images.Count - start));
            var found = engine.Evaluate(HostBatch.Of(pixels, labels) with { SampleIds = ids }, EngineSetup.Pgd).Read();
            right += found.CleanCorrect.Sum();
            robust += found.RobustCorrect.Sum();
            Assert.That(found.Count, Is.EqualTo(labels.Length));
            predicted.AddRange(engine.Predict(HostBatch.Of(pixels)).Read().Classes);
        }

        Assert.That((right, robust), Is.EqualTo((clean.Correct.Count(c => c), attacked.Correct.Count(c => c))));
        Assert.That(predicted, Is.EqualTo(clean.Predicted));
    }

    [Test]
    public void Predict_AfterMoreSteps_UsesTheNewWeights()
    {
        using var engine = CodatEngine.Create(EngineSetup.Options());
        var before = engine.Predict(EngineSetup.Host(0)).Read().Logits;
        EngineSetup.Train(engine, 1);
        using var fresh = CodatEngine.Create(EngineSetup.Options());
        EngineSetup.Train(fresh, 1);

        var after = engine.Predict(EngineSetup.Host(0)).Read().Logits;

        Assert.That(after, Is.Not.EqualTo(before).And.EqualTo(fresh.Predict(EngineSetup.Host(0)).Read().Logits));
    }

    [Test]
    public void Network_OfTheCaller_IsTrainedAndLeftAlive()
    {
        using var device = Device.Cpu(new CpuOptions { Threads = 1 });
        using var network = Network.Create(EngineSetup.Options().Spec!, device, seed: 9);
        using var own = CodatEngine.Create(EngineSetup.Options());
        using (var engine = CodatEngine.Create(EngineSetup.Options() with { Spec = null, Network = network })) EngineSetup.Train(engine, Steps);

        Assert.That(network.Weights.ToArray<float>(), Is.EqualTo(EngineSetup.Train(own, Steps)));
    }

    [Test]
    public void Enter_WhileACallIsInside_IsRefused()
    {
        using var device = EngineDevice.Open(EngineSetup.Options());
        var gate = new EngineGate(device);

        using (gate.Enter()) Assert.That(() => gate.Enter().Dispose(), Throws.InvalidOperationException);

        using (gate.Begin()) Assert.That(gate.Close(), Is.True);
        Assert.That(() => gate.Enter().Dispose(), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void Dispose_Twice_IsHarmlessAndUseAfterItThrows()
    {
        var engine = CodatEngine.Create(EngineSetup.Options());
        var step = engine.Step(EngineSetup.Host(0));
        engine.Dispose();

        engine.Dispose();

        Assert.That(() => engine.Step(EngineSetup.Host(0)), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => step.Read(), Throws.InstanceOf<ObjectDisposedException>());
    }

    private delegate HostBatch BatchOf(int number);

    private static (byte[] Pixels, int[] Labels, int[] Ids) Read(MemoryDataset images, int start, int count)
    {
        var pixels = new byte[count * images.Shape.Bytes];
        for (var i = 0; i < count; i++) images.Read(start + i, pixels.AsSpan(i * images.Shape.Bytes, images.Shape.Bytes));
        return (pixels, [.. Enumerable.Range(start, count).Select(images.Label)], [.. Enumerable.Range(start, count)]);
    }

    private static void Refused(string text, Action use) =>
        Assert.That(() => use(), Throws.InstanceOf<CodatException>().With.Message.Contains(text));
}
