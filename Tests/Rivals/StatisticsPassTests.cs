using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Batch-norm statistics of averaged weights, measured anew.</summary>
internal sealed class StatisticsPassTests
{
    private const int Batch = 8;

    private static readonly string[] s_small =
        ["swa=0%", "model=wrn-10-1", "train-limit=320", "val-limit=20", "test=none"];

    // The ordinary update comes as near to a batch's own moments as one likes, if it sees nothing else.
    [Test]
    public void Run_SeveralBatches_IsTheMeanOfWhatEachOneAloneComesTo()
    {
        using var device = Device.Cpu(new CpuOptions { Threads = 2 });
        var images = DatasetCatalog.Load("synthetic", null, DatasetSplit.Train, 3);
        var subset = new Subset(images, [.. Enumerable.Range(0, 3 * Batch + 5)]);
        using var network = Network.Create(Spec(images), device, seed: 5);
        var sampler = new BatchSampler(subset.Count, Batch, seed: 9);
        network.RunningStatistics!.CopyFrom<float>(new float[network.RunningStatistics.Shape.Count]);

        using (var pass = StatisticsPass.Of(network, Batch)!) pass.Run(subset, sampler, epoch: 2);

        var found = network.RunningStatistics.ToArray<float>();
        var expected = new double[found.Length];
        for (var i = 0; i < 3; i++)
        {
            var alone = Alone(network, subset, [.. sampler.Order(2).Slice(i * Batch, Batch)]);
            for (var c = 0; c < expected.Length; c++) expected[c] += alone[c] / 3.0;
        }
        Assert.That(expected.Max(Math.Abs), Is.GreaterThan(0.5));
        for (var c = 0; c < expected.Length; c++)
            Assert.That(found[c], Is.EqualTo(expected[c]).Within(1e-5 * (1 + Math.Abs(expected[c]))));
    }

    [Test]
    [Category(CudaTestDevice.Category)]
    public void Run_OnCuda_GivesWhatTheProcessorGives()
    {
        using var cuda = CudaTestDevice.CreateDevice();
        using var cpu = Device.Cpu(new CpuOptions { Threads = 1 });
        var images = DatasetCatalog.Load("synthetic", null, DatasetSplit.Train, 3);
        var subset = new Subset(images, [.. Enumerable.Range(0, 2 * Batch)]);

        var both = new[] { (Device)cuda, cpu }.Select(device =>
        {
            using var network = Network.Create(Spec(images), device, seed: 5);
            using var pass = StatisticsPass.Of(network, Batch)!;
            pass.Run(subset, new BatchSampler(subset.Count, Batch, seed: 9), epoch: 1);
            return network.RunningStatistics!.ToArray<float>();
        }).ToArray();

        for (var c = 0; c < both[0].Length; c++)
            Assert.That(both[0][c], Is.EqualTo(both[1][c]).Within(1e-5 * (1 + Math.Abs(both[1][c]))));
    }

    [Test]
    public void Of_NetworkWithoutBatchNorm_IsNone()
    {
        using var device = Device.Cpu(new CpuOptions { Threads = 1 });
        using var network = Network.Create(StripedNetwork.Spec, device, seed: 1);

        Assert.That(StatisticsPass.Of(network, Batch), Is.Null);
    }

    [Test]
    public void Train_Swa_SavesTheStatisticsOfItsAveragedWeights()
    {
        using var folder = new TempFolder();
        string[] settings = [.. s_small, "device=cpu"];
        TinyRun.Train(folder, "run", settings);

        var options = TinyRun.Options(folder.File("run"), settings);
        var data = TrainingData.Load(options);
        using var device = Device.Cpu(new CpuOptions { Threads = 1 });
        using var saved = WeightFile.Load(Path.Combine(folder.File("run"), "last.safetensors"), device).Network;
        var found = saved.RunningStatistics!.ToArray<float>();
        saved.RunningStatistics.Clear();
        using var pass = StatisticsPass.Of(saved, options.Batch)!;
        pass.Run(data.Train, new BatchSampler(data.Train.Count, options.Batch, options.Seed), options.Epochs);

        Assert.That(found, Is.EqualTo(saved.RunningStatistics.ToArray<float>()));
    }

    [Test]
    public void Train_StoppedWhileStatisticsAreMeasured_GivesTheSameBits()
    {
        using var folder = new TempFolder();
        var whole = TinyRun.Train(folder, "whole", s_small);
        var path = folder.File("stopped");
        using var cancel = new CancellationTokenSource();
        var observer = new Events { OnProgress = (what, done, _) => { if (what == "statistics" && done == 96) cancel.Cancel(); } };

        var stopped = Trainer.Run(TinyRun.Options(path, s_small), observer, cancel.Token);
        Assert.That(stopped.Stopped, Is.EqualTo("cancelled"));
        Trainer.Resume(path, new ResumeOptions { Resume = path });

        Assert.That(TinyRun.Bits(path), Is.EqualTo(whole));
    }

    /// <summary>Running statistics after so many steps on one batch that no start is left in them.</summary>
    private static float[] Alone(Network network, IDataset images, int[] which)
    {
        var device = network.Device;
        var s = network.Spec;
        using var batch = device.Allocate(DType.Float32, new Shape(Batch, s.Height, s.Width, s.Channels), "batch");
        using var status = device.Allocate(DType.Int32, new Shape(1), "status");
        status.Clear();
        new ImageSource(images, Batch).Load(which, batch);
        var graph = new GraphBuilder();
        var context = new ForwardContext(graph, ForwardMode.Train);
        network.Forward(context, graph.Bind(batch));
        context.UpdateRunningStatistics(status);
        using var program = new PlanProgram(device);
        program.Add("step", graph);
        program.Compile();
        for (var i = 0; i < 250; i++) program["step"].Run();
        return network.RunningStatistics!.ToArray<float>();
    }

    private static NetworkSpec Spec(MemoryDataset images) =>
        new("wrn-10-1", images.Shape.Height, images.Shape.Width, images.Shape.Channels, images.Classes);
}
