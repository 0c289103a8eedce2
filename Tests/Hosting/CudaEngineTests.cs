using Codat.Native.Interop;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Engines in an application's context: the numbers are the trainer's, whoever owns stream and memory.</summary>
internal sealed class CudaEngineTests : CudaEngineFixture
{
    private const int Steps = 5;

    [Test]
    public void Step_BatchesOfTheTrainer_GiveItsWeights([Values] HostMode mode, [Values("fp32", "bf16")] string precision)
    {
        using var folder = new TempFolder();
        var options = TinyRun.Options(folder.File("run"), "model=mlp", "batch=8", "train-limit=24", "steps=1", $"precision={precision}");
        using var device = CudaTestDevice.CreateDevice();

        var (trainer, engine) = TrainerMatch.Run(options, device, Steps,
            o => o with { Context = Host.Context, HostStream = Host.Stream, Mode = mode, Threads = 0 },
            (e, slot) => e.Step(DeviceBatch.Of(Host.Upload(slot.Pixels.ToArray()), Host.Upload(slot.Labels.ToArray()))
                with { SampleIds = Host.Upload(slot.SampleIds.ToArray()), Epoch = slot.Epoch }));

        Assert.That(engine, Is.EqualTo(trainer));
    }

    [Test]
    public void Step_InEitherMode_GivesTheSameBitsAndOnlyOneIsCaptured()
    {
        using var forked = CodatEngine.Create(Host.Options());
        using var adopted = CodatEngine.Create(Host.Options(HostMode.Adopt));
        using var fed = CodatEngine.Create(Host.Options());

        var weights = Host.Train(forked, Steps);

        Assert.That(Host.Train(adopted, Steps), Is.EqualTo(weights), "adopted");
        Assert.That(EngineSetup.Train(fed, Steps), Is.EqualTo(weights), "host batches");
        Assert.That((forked.IsCaptured, adopted.IsCaptured, forked.CaptureFailure), Is.EqualTo((true, false, (string?)null)));
        Assert.That(forked.LastStep.Read().ClassWeights, Is.EqualTo(adopted.LastStep.Read().ClassWeights));
    }

    [Test]
    public void Step_SamePixelsInEveryForm_GiveTheSameBits()
    {
        using var reference = CodatEngine.Create(Host.Options(model: "mlp"));
        var expected = Host.Train(reference, Steps);
        var planar = ImageLayout.Nchw;

        Assert.Multiple(() =>
        {
            Check("floats", i => DeviceBatch.Of(Host.Upload(EngineSetup.Floats(i)), Host.Upload(EngineSetup.Labels(i))));
            Check("int64", i => DeviceBatch.Of(Host.Upload(EngineSetup.Bytes(i)), Host.Upload(EngineSetup.WideLabels(i))));
            Check("planes of bytes", i => DeviceBatch.Of(Host.Upload(EngineSetup.Planar(EngineSetup.Bytes(i))), Host.Upload(EngineSetup.Labels(i)), planar));
            Check("planes of floats", i => DeviceBatch.Of(Host.Upload(EngineSetup.Planar(EngineSetup.Floats(i))), Host.Upload(EngineSetup.WideLabels(i)), planar));
        });

        void Check(string what, Func<int, DeviceBatch> batch)
        {
            using var engine = CodatEngine.Create(Host.Options(model: "mlp"));
            for (var i = 0; i < Steps; i++) engine.Step(Host.Complete(batch(i), i));
            Assert.That(engine.Network.Weights.ToArray<float>(), Is.EqualTo(expected), what);
        }
    }

    [Test]
    public void Step_WithoutIds_IsTheProcessorsStart()
    {
        // Nothing learned: the losses differ by the start of the attack only, to the order of sums.
        var options = Host.Options(model: "mlp") with { LearningRate = 0 };
        using var cuda = CodatEngine.Create(options);
        using var cpu = CodatEngine.Create(EngineSetup.Options("mlp") with { LearningRate = 0 });
        for (var i = 0; i < 3; i++)
        {
            var found = cuda.Step(DeviceBatch.Of(Host.Upload(EngineSetup.Bytes(0)), Host.Upload(EngineSetup.Labels(0)))).Read().Loss;
            var expected = cpu.Step(HostBatch.Of(EngineSetup.Bytes(0), EngineSetup.Labels(0))).Read().Loss;

            Assert.That(found, Is.EqualTo(expected).Within(1e-5 * expected));
        }
    }

    [Test]
    public void Step_BatchWrittenAndReusedOnTheHostsStream_IsReadInBetween([Values] HostMode mode)
    {
        using var reference = CodatEngine.Create(Host.Options(mode));
        var expected = Host.Train(reference, Steps);
        using var engine = CodatEngine.Create(Host.Options(mode));
        var (pixels, labels) = (Host.Allocate<byte>(EngineSetup.Values), Host.Allocate<int>(EngineSetup.Batch));
        var batches = Enumerable.Range(0, Steps).Select(Host.Batch).ToArray();

        for (var i = 0; i < Steps; i++)
        {
            Host.Stream.EnqueueCopy(batches[i].Images, pixels);
            Host.Stream.EnqueueCopy(batches[i].Labels.Cast<int>(), labels);
            engine.Step(DeviceBatch.Of(pixels, labels) with { SampleIds = batches[i].SampleIds, Epoch = batches[i].Epoch });
            Host.Stream.EnqueueFill(pixels, 0xFF);
            Host.Stream.EnqueueZero(labels);
            Host.Stream.Synchronize(); // a fill that nothing holds back happens here, before the step
        }

        Assert.That(engine.Network.Weights.ToArray<float>(), Is.EqualTo(expected));
    }

    [Test]
    public void Step_ReadyEvent_IsWaitedForWithoutAStreamOfTheHost()
    {
        using var reference = CodatEngine.Create(Host.Options());
        var expected = Host.Train(reference, Steps);
        using var engine = CodatEngine.Create(Host.Options() with { HostStream = null });
        using var other = CudaStream.Create(Host.Context);
        for (var i = 0; i < Steps; i++)
        {
            var source = Host.Batch(i);
            var pixels = Host.Allocate<byte>(EngineSetup.Values);
            other.EnqueueCopy(source.Images, pixels);
            using var written = other.Record();

            engine.Step(DeviceBatch.Of(pixels, source.Labels.Cast<int>()) with
            {
                SampleIds = source.SampleIds, Epoch = source.Epoch, Ready = CudaEvent.Attach(Host.Context, written.DangerousHandle),
            }).Read();
        }

        Assert.That(engine.Network.Weights.ToArray<float>(), Is.EqualTo(expected));
    }

    [Test]
    public void Evaluate_PartialDeviceBatch_IsThatOfAHostBatch([Values] HostMode mode)
    {
        const int Rows = 4;
        using var engine = CodatEngine.Create(Host.Options(mode));
        Host.Train(engine, 3);
        var (bytes, labels) = (EngineSetup.Bytes(7)[..(Rows * 192)], EngineSetup.Labels(7)[..Rows]);

        var expected = engine.Evaluate(HostBatch.Of(bytes, labels), EngineSetup.Pgd).Read();
        var found = engine.Evaluate(DeviceBatch.Of(Host.Upload(bytes), Host.Upload(labels)), EngineSetup.Pgd).Read();
        var predicted = engine.Predict(DeviceBatch.Of(Host.Upload(bytes))).Read();

        Assert.That(found.Count, Is.EqualTo(Rows));
        Assert.That((found.CleanLoss, found.RobustLoss), Is.EqualTo((expected.CleanLoss, expected.RobustLoss)));
        Assert.That((found.CleanCorrect, found.RobustCorrect), Is.EqualTo((expected.CleanCorrect, expected.RobustCorrect)));
        Assert.That(found.RobustLoss, Is.GreaterThan(found.CleanLoss));
        Assert.That(predicted.Logits, Is.EqualTo(engine.Predict(HostBatch.Of(bytes)).Read().Logits));
        Assert.That(predicted.Classes.Zip(labels, (p, l) => p == l).Count(same => same), Is.EqualTo(found.CleanCorrect.Sum()));
    }

    [Test]
    public void Engines_TwoInOneContext_DoNotDisturbEachOther()
    {
        using var one = CodatEngine.Create(Host.Options());
        using var two = CodatEngine.Create(Host.Options(HostMode.Adopt) with { Seed = 4 });
        using var alone = CodatEngine.Create(Host.Options() with { Seed = 4 });
        var expected = (EngineSetup.Train(alone, Steps), EngineSetup.Train(one, Steps));
        using var again = CodatEngine.Create(Host.Options());

        for (var i = 0; i < Steps; i++)
        {
            again.Step(Host.Batch(i));
            two.Step(Host.Batch(i));
        }

        Assert.That((two.Network.Weights.ToArray<float>(), again.Network.Weights.ToArray<float>()), Is.EqualTo(expected));
    }

    [Test]
    public void Step_LabelThatIsNoClass_FailsAndLeavesWeights([Values] HostMode mode)
    {
        using var folder = new TempFolder();
        using var engine = CodatEngine.Create(Host.Options(mode));
        engine.Step(Host.Batch(0));
        engine.Save(folder.File("good.safetensors"));
        var before = engine.Network.Weights.ToArray<float>();
        var labels = EngineSetup.WideLabels(1);
        labels[3] = (1L << 32) + 1; // its lower half is a class

        var failed = engine.Step(DeviceBatch.Of(Host.Upload(EngineSetup.Bytes(1)), Host.Upload(labels)));

        Assert.That(() => failed.Read(), Throws.InstanceOf<TrainingFailedException>().With.Message.Contains("labels from 0 to 2"));
        Assert.That(() => engine.Step(Host.Batch(2)), Throws.InstanceOf<TrainingFailedException>());
        Assert.That(engine.Network.Weights.ToArray<float>(), Is.EqualTo(before));
        engine.Load(folder.File("good.safetensors"));
        Assert.That(engine.Step(Host.Batch(2)).Read().Loss, Is.InRange(0, 100));
    }

    [Test]
    public void Network_OfTheCallersSession_IsTrainedOnItsStream([Values] HostMode mode)
    {
        using var expected = CodatEngine.Create(Host.Options(mode));
        var options = new CudaSessionOptions { KernelCacheFolder = CudaTestDevice.KernelCacheFolder };
        using var session = mode == HostMode.Adopt ? CudaSession.Create(Host.Stream, options) : CudaSession.Create(Host.Context, options);
        using var device = Autograd.Device.Cuda(session);
        using var network = Layers.Network.Create(EngineSetup.Options().Spec!, device, seed: 9);
        var settings = Host.Options(mode) with { Spec = null, Network = network };
        using (var engine = CodatEngine.Create(settings)) Host.Train(engine, Steps);

        Assert.That(network.Weights.ToArray<float>(), Is.EqualTo(Host.Train(expected, Steps)));
        Refused("(Mode)", () => CodatEngine.Create(settings with { Mode = mode == HostMode.Adopt ? HostMode.ForkJoin : HostMode.Adopt }));
    }
}
