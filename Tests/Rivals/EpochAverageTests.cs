using Codat.Native.Autograd;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Averages of the ends of epochs: which enter, with what share, and what a run evaluates and saves.</summary>
internal sealed class EpochAverageTests
{
    [Test]
    public void Take_Swa_IsTheMeanOfTheEpochsAfterTheShare()
    {
        using var bench = new Bench("swa=50%", "epochs=8");

        for (var epoch = 1; epoch <= 8; epoch++) bench.End(epoch, value: epoch * epoch, enters: true);

        // Epochs 5 to 8.
        Assert.That(bench.Average.Count, Is.EqualTo(4));
        Assert.That(bench.Values, Has.All.EqualTo((25 + 36 + 49 + 64) / 4f));
    }

    [Test]
    public void Take_Gate_MixesOnlyWhatPassesAndBeginsWithTheFirst()
    {
        using var bench = new Bench("average-gate=0.2");

        bench.End(1, value: 100, enters: false);
        Assert.That(bench.Average.Count, Is.Zero);
        bench.End(2, value: 10, enters: true);
        Assert.That(bench.Values, Has.All.EqualTo(10f));
        bench.End(3, value: 50, enters: false);
        bench.End(4, value: 20, enters: true);

        Assert.That(bench.Values, Has.All.EqualTo((float)(10 + 0.12 * 10)).Within(1e-5));
    }

    [TestCase("ema=0.5", 15f)]
    [TestCase("swa=0%", 15f)]
    [TestCase("ema=0.9", 11f)]
    public void Take_GateWithAnotherAverage_SharesAsThatSays(string setting, float expected)
    {
        using var bench = new Bench("average-gate=0", setting);

        bench.End(1, value: 10, enters: true);
        bench.End(2, value: 20, enters: true);

        Assert.That(bench.Values, Has.All.EqualTo(expected).Within(1e-5));
    }

    [Test]
    public void IsDue_EpochLookedAtBefore_DoesNotEnterTwice()
    {
        using var bench = new Bench("swa=0%");
        bench.End(1, value: 10, enters: true);

        Assert.That(bench.Average.IsDue(1), Is.False);
        Assert.That(bench.Average.IsDue(2), Is.True);
    }

    [TestCase("swa=50%", "objective=codat", "max-steps=20")]
    [TestCase("swa=0%", "objective=group-dro", "set=rate=0.5")]
    [TestCase("average-gate=0", "objective=trades", "lr=0.02")]
    [TestCase("average-gate=0", "ema=0.5", "objective=wat", "lr=0.01")]
    [TestCase("average-gate=0.05", "swa=0%", "objective=at")]
    [TestCase("swa=0%", "model=wrn-10-1", "train-limit=320", "val-limit=20", "test=none", Category = "Slow")]
    public void Resume_InMidEpoch_GivesTheSameBits(params string[] settings)
    {
        using var folder = new TempFolder();

        var whole = TinyRun.Train(folder, "whole", settings);
        // The first stop is before an epoch's end has been looked at.
        var pieces = TinyRun.TrainInPieces(folder, "pieces", [10, 17], settings);

        Assert.That(pieces, Is.EqualTo(whole));
    }

    [Test]
    public void Train_StoppedWhileTheAverageIsEvaluated_GivesTheSameBits()
    {
        using var folder = new TempFolder();
        string[] settings = ["average-gate=0", "objective=at"];
        var whole = TinyRun.Train(folder, "whole", settings);
        var path = folder.File("stopped");
        using var cancel = new CancellationTokenSource();
        var evaluations = 0;
        // First the trained weights, clean and attacked, then the average: it has entered by then.
        var observer = new Events
        {
            OnProgress = (what, done, _) =>
            {
                if (what == "clean" && done == 60 && ++evaluations == 2) cancel.Cancel();
            },
        };

        var stopped = Trainer.Run(TinyRun.Options(path, settings), observer, cancel.Token);
        Assert.That(stopped.Stopped, Is.EqualTo("cancelled"));
        Trainer.Resume(path, new ResumeOptions { Resume = path });

        Assert.That(TinyRun.Bits(path), Is.EqualTo(whole));
    }

    [Test]
    public void Train_GateThatNoEpochPasses_LeavesTheTrainedWeights()
    {
        using var folder = new TempFolder();

        var plain = TinyRun.Train(folder, "plain", "objective=at");
        var gated = TinyRun.Train(folder, "gated", "objective=at", "average-gate=1");
        var open = TinyRun.Train(folder, "open", "objective=at", "average-gate=0");

        Assert.That(Weights(folder, "gated"), Is.EqualTo(Weights(folder, "plain")));
        Assert.That(Weights(folder, "open"), Is.Not.EqualTo(Weights(folder, "plain")));
        Assert.That(File.ReadAllText(Path.Combine(folder.File("gated"), "manifest.json")),
            Does.Contain("no epoch entered the weight average"));
        Assert.That(File.ReadAllText(Path.Combine(folder.File("open"), "manifest.json")),
            Does.Contain("the weight average is over 2 ends of epochs"));
    }

    private static float[] Weights(TempFolder folder, string run)
    {
        using var device = Device.Cpu();
        using var network = WeightFile.Load(Path.Combine(folder.File(run), "last.safetensors"), device).Network;
        return network.Weights.ToArray<float>();
    }

    /// <summary>A network whose weights are set by hand at the end of each epoch.</summary>
    private sealed class Bench : IDisposable
    {
        private readonly CpuDevice _device = Device.Cpu(new CpuOptions { Threads = 1 });
        private readonly Network _network;

        public Bench(params string[] settings)
        {
            _network = Network.Create(StripedNetwork.Spec with { Model = "wrn-10-1" }, _device, seed: 1);
            Average = new EpochAverage(_network, TinyRun.Options("unused", settings));
        }

        public EpochAverage Average { get; }

        /// <summary>What the average is, weights and statistics, as a network that takes it sees it.</summary>
        public float[] Values
        {
            get
            {
                using var target = Network.Create(_network.Spec, _device, seed: 2);
                Average.CopyTo(target);
                return [.. target.Weights.ToArray<float>(), .. target.RunningStatistics!.ToArray<float>()];
            }
        }

        public void End(int epoch, float value, bool enters)
        {
            _network.Weights.CopyFrom<float>(Fill(_network.Weights, value));
            _network.RunningStatistics!.CopyFrom<float>(Fill(_network.RunningStatistics, value));
            if (Average.IsDue(epoch)) Average.Take(epoch, _network, enters);
        }

        public void Dispose()
        {
            _network.Dispose();
            _device.Dispose();
        }

        private static float[] Fill(Tensor tensor, float value) =>
            [.. Enumerable.Repeat(value, (int)tensor.Shape.Count)];
    }
}
