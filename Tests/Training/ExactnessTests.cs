using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The same run gives the same bits: whatever the threads, and however often it was stopped and continued.</summary>
internal sealed class ExactnessTests
{
    private const int InFirstEpoch = 7, InSecondEpoch = 14, Boundary = TinyRun.StepsPerEpoch;

    [TestCase("mlp")]
    [TestCase("small-cnn")]
    public void Train_AnyNumberOfThreads_GivesTheSameBits(string model)
    {
        using var folder = new TempFolder();

        var one = TinyRun.Train(folder, "1", $"model={model}", "threads=1", "log-steps=true");
        var two = TinyRun.Train(folder, "2", $"model={model}", "threads=2", "log-steps=true");
        var three = TinyRun.Train(folder, "3", $"model={model}", "threads=3", "log-steps=true");

        Assert.That(two, Is.EqualTo(one));
        Assert.That(three, Is.EqualTo(one));
        Assert.That(one.Keys, Is.SupersetOf(new[]
        {
            "last.safetensors", "best.safetensors", "metrics.jsonl", "classes.csv", "final.json",
            Path.Combine("steps", "risk.npy"), Path.Combine("steps", "weight.npy"),
        }));
    }

    [Test]
    public void Train_AnotherSeed_GivesOtherBits()
    {
        using var folder = new TempFolder();

        var zero = TinyRun.Train(folder, "0", "seed=0");
        var one = TinyRun.Train(folder, "1", "seed=1");

        Assert.That(one["last.safetensors"], Is.Not.EqualTo(zero["last.safetensors"]));
        Assert.That(one["metrics.jsonl"], Is.Not.EqualTo(zero["metrics.jsonl"]));
    }

    [TestCase("ema=0.9")]
    [TestCase("risk=ema:0.9")]
    [TestCase("missing=ema", "batch=16", "train-limit=160")]
    [TestCase("variance=debiased")]
    [TestCase("objective=trades")]
    [TestCase("objective=erm")]
    [TestCase("augment=crop4+flip", "log-steps=true", "weights=published")]
    [TestCase("norm=l2", "nesterov=true", "label-smoothing=0.1")]
    [TestCase("model=small-cnn", "ema=0.9", "risk=ema:0.9")]
    [TestCase("model=wrn-10-1", "ema=0.9", "attack-bn=train", "batch=16", "train-limit=160", "steps=1")]
    [TestCase("model=wrn-10-1", "attack-bn=eval", "batch=16", "train-limit=160", "steps=1", Category = "Slow")]
    [TestCase("model=wrn-10-1", "objective=trades", "attack-bn=batch", "batch=16", "train-limit=160", "steps=1", Category = "Slow")]
    public void Resume_InMidEpoch_GivesTheSameBits(params string[] settings)
    {
        using var folder = new TempFolder();

        var whole = TinyRun.Train(folder, "whole", settings);
        var pieces = TinyRun.TrainInPieces(folder, "pieces", [InFirstEpoch, InSecondEpoch], settings);

        Assert.That(pieces, Is.EqualTo(whole));
    }

    [Test]
    public void Resume_CancelledBeforeAnEpochsEvaluation_MakesUpForIt()
    {
        using var folder = new TempFolder();

        var whole = TinyRun.Train(folder, "whole");
        var pieces = TinyRun.TrainInPieces(folder, "pieces", [Boundary, TinyRun.Steps]);

        Assert.That(pieces, Is.EqualTo(whole));
    }

    [Test]
    public void Resume_AfterEveryStep_GivesTheSameBits()
    {
        using var folder = new TempFolder();
        string[] settings = ["log-steps=true", "risk=ema:0.9", "ema=0.9", "train-limit=160", "max-steps=7"];

        var whole = TinyRun.Train(folder, "whole", settings);
        var pieces = TinyRun.TrainInPieces(folder, "pieces", [.. Enumerable.Range(1, 7).Select(i => (long)i)], settings);

        Assert.That(pieces, Is.EqualTo(whole));
    }

    [Test]
    public void Train_SavingAllTheTime_GivesTheSameBits()
    {
        using var folder = new TempFolder();

        var never = TinyRun.Train(folder, "never", "log-steps=true", "save-every=off");
        var always = TinyRun.Train(folder, "always", "log-steps=true", "save-every=0.000001s");

        Assert.That(always, Is.EqualTo(never));
    }

    [Test]
    [Category("Slow")]
    public void Resume_OfAResidualNetwork_GivesTheSameBits()
    {
        using var folder = new TempFolder();
        string[] settings = ["model=resnet18", "batch=4", "train-limit=16", "val-limit=10", "test-limit=10", "steps=1", "epochs=1"];

        var whole = TinyRun.Train(folder, "whole", settings);
        var pieces = TinyRun.TrainInPieces(folder, "pieces", [2], settings);

        Assert.That(pieces, Is.EqualTo(whole));
    }
}
