using System.Text.Json.Nodes;
using Codat.Native.Autograd;
using Codat.Native.Interop;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Whole runs whose radius a rule chooses: exact resumes, what is written, and what is refused.</summary>
internal sealed class AutoRadiusTests
{
    [TestCase("eta=auto")]
    [TestCase("eta=auto:noise", "risk=ema:0.9", "model=small-cnn")]
    [TestCase("eta=auto:noise", "variance=debiased", "weights=published", "set=cap=5")]
    [TestCase("eta=auto:noise", "objective=codat-trades", "lr=0.02", "max-steps=17")]
    [TestCase("eta=auto:noise", "missing=ema", "val=none")]
    [TestCase("eta=auto:effective", "set=share=0.6")]
    [TestCase("eta=auto:validation", "epochs=3")]
    [TestCase("eta=auto:validation", "objective=codat-trades", "lr=0.02", "prior=frequency")]
    public void Resume_InMidEpoch_GivesTheSameBits(params string[] settings)
    {
        using var folder = new TempFolder();

        var whole = TinyRun.Train(folder, "whole", settings);
        // The first stop is before an epoch's end has been looked at.
        var pieces = TinyRun.TrainInPieces(folder, "pieces", [4, 10, 16], settings);

        Assert.That(pieces, Is.EqualTo(whole));
    }

    [Test]
    public void Train_AnyNumberOfThreads_ChoosesTheSameRadius()
    {
        using var folder = new TempFolder();

        var one = TinyRun.Train(folder, "1", "eta=auto:noise", "threads=1");
        var three = TinyRun.Train(folder, "3", "eta=auto:noise", "threads=3");

        Assert.That(three, Is.EqualTo(one));
    }

    [Test]
    public void Train_EffectiveShare_HasTheBitsOfThatRadius([Values("plain", "debiased")] string variance)
    {
        using var folder = new TempFolder();

        TinyRun.Train(folder, "rule", "eta=auto:effective", $"variance={variance}");
        TinyRun.Train(folder, "half", "eta=auto:effective", "set=share=0.5", $"variance={variance}");
        TinyRun.Train(folder, "third", "eta=0.3333333333333333", $"variance={variance}");
        TinyRun.Train(folder, "one", "eta=1", $"variance={variance}");

        Assert.That(Weights(folder, "rule"), Is.EqualTo(Weights(folder, "third")));
        Assert.That(Weights(folder, "half"), Is.EqualTo(Weights(folder, "one")));
        Assert.That(Weights(folder, "half"), Is.Not.EqualTo(Weights(folder, "third")));
        Assert.That(Epochs(folder, "rule"), Is.EqualTo(Epochs(folder, "third")));
    }

    [Test]
    public void Train_Noise_BeginsAtZeroAndGoesOnByTheEpochBefore()
    {
        using var folder = new TempFolder();

        // At this rate the network learns so badly that its classes differ by more than sampling explains, to the end.
        TinyRun.Train(folder, "run", "eta=auto:noise", "epochs=3", "set=cap=100", "lr=0.2");

        var epochs = TinyRun.Metrics(folder.File("run"));
        var (eta, effective) = (Numbers(epochs, "eta"), Numbers(epochs, "etaEff"));
        Assert.That(eta[0], Is.Zero);
        Assert.That(eta[1..], Has.All.GreaterThan(0).And.All.LessThan(100));
        Assert.That(eta[1], Is.Not.EqualTo(eta[2]));
        Assert.That(effective, Is.EqualTo(eta).Within(1e-12));
        Assert.That(TinyRun.Final(folder.File("run"))["optimalWeights"]!["eta"]!.GetValue<double>(), Is.GreaterThan(0));
    }

    [Test]
    public void Train_Validation_BeginsOnTheFirstRung()
    {
        using var folder = new TempFolder();

        TinyRun.Train(folder, "run", "eta=auto:validation", "epochs=3");

        var eta = Numbers(TinyRun.Metrics(folder.File("run")), "eta");
        Assert.That(eta[0], Is.EqualTo(0.05));
        Assert.That(eta[1], Is.EqualTo(0.1), "the first evaluation has nothing to fall from");
    }

    [Test]
    public void Train_Numbers_WriteNoRadiusAndSayTheRule()
    {
        using var folder = new TempFolder();

        TinyRun.Train(folder, "number", "eta=0.2", "max-steps=1");
        TinyRun.Train(folder, "rule", "eta=auto", "max-steps=1");

        Assert.That(TinyRun.Metrics(folder.File("number"))[0].AsObject().ContainsKey("eta"), Is.False);
        Assert.That(Setting(folder, "rule"), Is.EqualTo("auto:noise"), "auto is written as what it stands for");
    }

    [TestCase("auto:noise", 0.5, 1, 2)] // above the cap
    [TestCase("auto:noise", 0.1, -1, 2)]
    [TestCase("auto:effective", 0.3)]
    [TestCase("auto:validation", 0.1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)] // not the radius of the rung
    [TestCase("auto:validation", 0.1, 2.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)]
    [TestCase("auto:validation", 0.1, 2, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0)] // blocked for longer than wait
    [TestCase("auto:validation", 0.1, 2, 1.5, 0, 0, 0, 0, 0, 0, 0, 0, 0)]
    [TestCase("auto:noise", 0.1, 1)] // too few
    public void Restore_StateOfNoSuchRule_IsRefused(string eta, params double[] saved)
    {
        using var folder = new TempFolder();
        var path = folder.File("state.safetensors");
        var writer = new SafeTensorsWriter();
        writer.Add("radius", [saved.Length], saved);
        writer.Save(path);
        using var device = Device.Cpu();
        using var tensor = device.Allocate(DType.Float64, new Shape(1), "radius");
        var radius = new EpochRadius(TinyRun.Options("unused", $"eta={eta}"), tensor);
        using var file = SafeTensorsFile.Open(path);

        var error = Assert.Throws<CodatException>(() => radius.Restore(file))!;

        Assert.That(error.Where, Does.Contain("radius"));
        Assert.That(error.IsUsage, Is.False);
    }

    [Test]
    public void Step_ThatMeasuresNoise_AllocatesNothing()
    {
        using var device = Device.Cpu(new CpuOptions { Threads = 1 });
        using var network = Network.Create(StripedNetwork.Spec, device, seed: 3);
        var spec = StripedNetwork.StepSpec(16);
        using var step = new StepProgram(network, spec with { ClassWeights = spec.ClassWeights with { MeasuresNoise = true } });
        step.Tensors.Labels.CopyFrom<int>(Enumerable.Range(0, 16).Select(i => i % SmallData.Classes).ToArray());
        var pixels = new byte[16 * 16 * 16 * 3];
        new Random(1).NextBytes(pixels);
        step.Tensors.Pixels.CopyFrom<byte>(pixels);
        for (var i = 0; i < 3; i++) step.Run();
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 5; i++) step.Run();

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(step.Tensors.Record.Numbers.ToArray<double>()[StepRecord.NoiseAt], Is.GreaterThan(0));
    }

    private static float[] Weights(TempFolder folder, string run)
    {
        using var device = Device.Cpu();
        using var network = WeightFile.Load(Path.Combine(folder.File(run), "last.safetensors"), device).Network;
        return network.Weights.ToArray<float>();
    }

    private static double[] Numbers(JsonNode[] epochs, string key) => [.. epochs.Select(e => e[key]!.GetValue<double>())];

    private static string[] Epochs(TempFolder folder, string run) => [.. TinyRun.Metrics(folder.File(run)).Select(epoch =>
    {
        foreach (var key in (string[])["eta", "seconds", "imagesPerSecond", "peakBytes"]) epoch.AsObject().Remove(key);
        return epoch.ToJsonString();
    })];

    private static string Setting(TempFolder folder, string run) => JsonNode.Parse(
        File.ReadAllText(Path.Combine(folder.File(run), "config.json")))!["eta"]!.GetValue<string>();
}
