using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Every rival trains, and a run that was stopped and continued ends in the same bits.</summary>
internal sealed class RivalTrainingTests
{
    [TestCase("objective=kl-dro")]
    [TestCase("objective=reverse-kl-dro", "model=small-cnn")]
    [TestCase("objective=cvar", "risk=ema:0.9")]
    [TestCase("objective=group-dro", "set=rate=0.5")]
    [TestCase("objective=faal")]
    [TestCase("objective=dafa", "set=warm-up=0.5,lambda=2", "lr=0.02")]
    [TestCase("objective=dafa", "set=warm-up=0.5", "loss=ce", "model=small-cnn")]
    [TestCase("objective=cfa", "lr=0.02", "norm=l2")]
    [TestCase("objective=cfa", "loss=ce")]
    [TestCase("objective=bat", "lr=0.01", "steps=4")]
    [TestCase("objective=cfol", "set=rate=0.05", "augment=crop4")]
    [TestCase("objective=cfol", "loss=trades", "keep=1=0", "lr=0.02", "set=rate=0.05")]
    [TestCase("loss=bat", "class-weights=codat", "lr=0.01", "norm=l2")]
    [TestCase("objective=faal", "loss=trades", "lr=0.01")]
    [TestCase("objective=codat-trades", "lr=0.02")]
    [TestCase("objective=mart", "lr=0.01")]
    [TestCase("loss=mart", "class-weights=faal", "lr=0.01")]
    // What WAT and FRL sum over epochs shows in the epoch after the one that followed the stop.
    [TestCase("objective=wat", "set=rate=0.5", "lr=0.01", "epochs=3")]
    [TestCase("objective=wat", "loss=ce", "ema=0.9", "val-limit=70")]
    [TestCase("objective=frl", "set=rate=0.9,tau=0", "lr=0.01", "epochs=3")]
    [TestCase("objective=frl", "set=margin-rate=0.9,tau=0", "lr=0.01", "epochs=3")]
    [TestCase("objective=codat", "awp=0.01")]
    [TestCase("objective=group-dro", "set=rate=0.5", "awp=0.01", "ema=0.9", "lr=0.02")]
    [TestCase("objective=wat", "awp=0.005", "swa=0%", "average-gate=0.01", "lr=0.01")]
    public void Resume_InMidEpoch_GivesTheSameBits(params string[] settings)
    {
        using var folder = new TempFolder();

        var whole = TinyRun.Train(folder, "whole", settings);
        var pieces = TinyRun.TrainInPieces(folder, "pieces", [10, 17], settings);

        Assert.That(pieces, Is.EqualTo(whole));
        Assert.That(TinyRun.Final(folder.File("whole"))["stopped"]!.GetValue<string>(), Is.EqualTo("done"));
        var losses = TinyRun.Metrics(folder.File("whole")).Select(line => line["loss"]!.GetValue<double>()).ToArray();
        Assert.That(losses, Has.All.GreaterThan(0).And.All.LessThan(100));
    }

    [Test]
    public void Train_EveryObjective_LeavesWeightsOfItsOwn()
    {
        using var folder = new TempFolder();
        var seen = new Dictionary<string, string>();

        foreach (var objective in Enum.GetValues<ObjectiveKind>())
        {
            var name = SettingNames.Objectives.Print(objective);
            var bits = TinyRun.Train(folder, name, $"objective={name}", "max-steps=12", "train-limit=320");
            Assert.That(seen.TryAdd(bits["last.safetensors"], name), Is.True,
                $"{name} trains what {seen[bits["last.safetensors"]]} does");
        }
    }

    [Test]
    public void Step_AfterWarmUp_AllocatesNothing([Values] ObjectiveKind objective, [Values(null, 0.01)] double? awp)
    {
        var (loss, weights) = ObjectivePreset.Of(objective);
        using var device = Autograd.Device.Cpu(new Autograd.CpuOptions { Threads = 1 });
        using var network = Layers.Network.Create(StripedNetwork.Spec, device, seed: 3);
        using var step = new StepProgram(network, StripedNetwork.StepSpec(16, loss, weights) with { Awp = awp });
        step.Tensors.SetRadius(0.3);
        step.Tensors.SetLearningRate(0.01);
        step.Tensors.Labels.CopyFrom<int>(Enumerable.Range(0, 16).Select(i => i % SmallData.Classes).ToArray());
        for (var i = 0; i < 3; i++) step.Run();
        var (before, arena) = (GC.GetAllocatedBytesForCurrentThread(), step.ArenaBytes);

        for (var i = 0; i < 5; i++) step.Run();

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(step.ArenaBytes, Is.EqualTo(arena));
        Assert.That(step.Tensors.Record.Status.ToArray<int>()[0], Is.Zero);
    }
}
