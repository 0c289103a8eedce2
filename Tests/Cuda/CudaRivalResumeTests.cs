using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>
/// Runs of rivals and of weight averages on CUDA that were stopped and continued end in the bits of whole ones.
/// </summary>
[CudaFixture]
internal sealed class CudaRivalResumeTests
{
    private static readonly string[] s_small =
    [
        "device=cuda", "determinism=strict", "log-steps=true", "batch=8", "train-limit=80", "val-limit=10",
        "test-limit=10", "steps=1", "val-attack=pgd-1", "test=pgd-1",
    ];

    // What these sum over epochs shows in the epoch after the one that followed the stop.
    [TestCase("objective=wat", "set=rate=0.5", "lr=0.01", "epochs=3")]
    [TestCase("objective=frl", "set=rate=0.9,tau=0", "lr=0.01", "epochs=3")]
    [TestCase("objective=frl", "set=margin-rate=0.9,tau=0", "lr=0.01", "epochs=3")]
    [TestCase("objective=group-dro", "set=rate=0.5")]
    [TestCase("objective=dafa", "set=warm-up=0.5,lambda=2", "lr=0.02")]
    [TestCase("objective=cfa", "lr=0.02")]
    [TestCase("objective=cfol", "set=rate=0.05")]
    [TestCase("objective=faal", "risk=ema:0.9")]
    [TestCase("objective=bat", "steps=2", "lr=0.01")]
    [TestCase("objective=mart", "model=small-cnn", "determinism=reproducible", "awp=0.01", "lr=0.01")]
    [TestCase("ema=0.9", "lr=0.01")]
    [TestCase("ema=0.9", "average-gate=0", "lr=0.01", "epochs=3")]
    [TestCase("swa=0%", "model=wrn-10-1", "determinism=reproducible", "batch=4", "train-limit=40", "lr=0.01")]
    public void Resume_InTwoEpochs_GivesTheSameBits(params string[] more)
    {
        using var folder = new TempFolder();
        string[] settings = [.. s_small, "model=mlp", .. more];

        var whole = TinyRun.Train(folder, "whole", settings);
        // Every save reads the results, so that a step is heard of when it is made. What methods learn at the end of an
        // epoch and what averages have taken in is there at the second stop, in the epoch after it.
        var pieces = TinyRun.TrainInPieces(folder, "pieces", [7, 17], [.. settings, "save-every=0.000001s"]);

        Assert.That(pieces, Is.EqualTo(whole));
        Assert.That(TinyRun.Final(folder.File("whole"))["stopped"]!.GetValue<string>(), Is.EqualTo("done"));
    }
}
