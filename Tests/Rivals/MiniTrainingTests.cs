using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Every method learns something on the data set that ships.</summary>
[Category("Slow")]
internal sealed class MiniTrainingTests
{
    [Test]
    public void Train_EveryObjective_BeatsGuessing([Values] ObjectiveKind objective) =>
        Train(SettingNames.Objectives.Print(objective));

    [TestCase("at", "awp=0.01")]
    [TestCase("codat", "awp=0.001")]
    [TestCase("trades", "awp=0.005", "ema=0.9")]
    [TestCase("wat", "average-gate=0", "awp=0.005")]
    [TestCase("group-dro", "swa=50%")]
    public void Train_InWeightSpace_BeatsGuessing(string objective, params string[] settings) => Train(objective, settings);

    /// <summary>Three epochs of 46 steps; a tenth of the images are guessed right by chance.</summary>
    private static void Train(string objective, params string[] settings)
    {
        using var folder = new TempFolder();
        var bits = TinyRun.Train(folder, "run", [
            "dataset=fashion-mnist-mini", "model=small-cnn", $"objective={objective}", "train-limit=3000", "batch=64",
            "epochs=3", "steps=3", "eps=0.05", "step=0.02", "lr=0.05", "val-limit=200", "test-limit=200", .. settings]);

        var lines = TinyRun.Metrics(folder.File("run"));
        Assert.That(bits, Does.ContainKey("best.safetensors"));
        Assert.That(lines.Select(l => l["loss"]!.GetValue<double>()), Has.All.InRange(0, 50));
        Assert.That(lines[^1]["clean"]!["average"]!.GetValue<double>(), Is.GreaterThan(0.3), "clean accuracy");
        Assert.That(lines[^1]["robust"]!["average"]!.GetValue<double>(), Is.GreaterThan(0.2), "robust accuracy");
    }
}
