using System.Globalization;
using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Layers;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The script that re-checks a weight file in PyTorch, run as a user runs it.</summary>
[Category("Slow")]
internal sealed class ReCheckKitTests
{
    private const int Images = 12;

    [TestCase("small-cnn", 1, 28)]
    [TestCase("medium-cnn", 3, 32)]
    [TestCase("mlp", 3, 32)]
    [TestCase("resnet18", 3, 32)]
    [TestCase("preact-resnet18", 3, 32)]
    [TestCase("preact-resnet18", 3, 32, false)]
    [TestCase("wrn-16-2", 3, 32)]
    public void Check_EveryNetwork_HasOurLogitsAndCleanCount(string model, int channels, int side, bool finalNorm = true)
    {
        using var folder = new TempFolder();
        var (weights, x, y) = Prepare(folder, model, channels, side, finalNorm);
        var logits = folder.File("logits.npy");
        var predicted = Json("predict", "--checkpoint", weights, "--input", x, "--labels", y, "--out", logits);
        var exported = folder.File("out.safetensors");
        var kit = Json("export", "--checkpoint", weights, "--out", exported, "--kit").GetProperty("check").GetString()!;
        Assert.That(kit, Is.EqualTo(folder.File("out_check.py")));

        var (code, output) = PythonTorch.Run(kit, "--images", x, "--labels", y, "--logits", logits, "--steps", "2");

        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Contain("everything agrees"));
        var right = (int)Math.Round(predicted.GetProperty("accuracy").GetDouble() * Images);
        Assert.That(output, Does.Match($@"clean +{right} of {Images} right"));
    }

    [Test]
    public void Check_AgainstAnEvaluation_AgreesAndFindsWhatDiffers()
    {
        using var folder = new TempFolder();
        var images = SmallData.Images(seed: 5, train: 160, test: 61);
        var data = SmallData.Npz(folder, "data", images);
        Robust.Trainer.Run(TinyRun.Options(folder.File("run"), "dataset=npz", $"data={data}", "model=small-cnn", "batch=32",
            "train-limit=128", "val=none", "eps=0.06", "step=0.02", "steps=1", "epochs=3", "lr=0.1", "test=none"));
        var checkpoint = Path.Combine(folder.File("run"), "best.safetensors");
        var kit = Json("export", "--checkpoint", checkpoint, "--out", folder.File("out.safetensors"), "--kit").GetProperty("check").GetString()!;
        var evaluation = CliRun.Invoke("eval", "--checkpoint", checkpoint, "--attack", "clean,pgd-5", "--json").Output;
        var expect = folder.Write("eval.json", evaluation);

        var (code, output) = PythonTorch.Run(kit, "--data", data, "--expect", expect, "--tolerance", "0.1");

        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Contain("everything agrees").And.Contain("pgd-5"));
        var other = folder.Write("other.json", evaluation.Replace("\"correct\":", "\"correct\":1"));
        var (refused, differences) = PythonTorch.Run(kit, "--data", data, "--expect", other);
        Assert.That(refused, Is.EqualTo(1));
        Assert.That(differences, Does.Contain("DIFFERS: clean, class 0"));
    }

    [Test]
    public void Check_WithAutoAttack_RunsItForAsManyTargetsAsThereAreAndComparesItsRow()
    {
        using var folder = new TempFolder();
        var images = SmallData.Images(seed: 5, train: 160, test: 41);
        var data = SmallData.Npz(folder, "data", images);
        Robust.Trainer.Run(TinyRun.Options(folder.File("run"), "dataset=npz", $"data={data}", "model=small-cnn", "batch=32",
            "train-limit=128", "val=none", "eps=0.06", "step=0.02", "steps=1", "epochs=3", "lr=0.1", "test=none"));
        var checkpoint = Path.Combine(folder.File("run"), "best.safetensors");
        var kit = Json("export", "--checkpoint", checkpoint, "--out", folder.File("out.safetensors"), "--kit").GetProperty("check").GetString()!;
        // Stands in for the package, which is not to be had here: it makes every third image black.
        folder.Write("autoattack.py", """
            class Attack:
                n_target_classes = 9

            class AutoAttack:
                def __init__(self, model, norm, eps, seed, version, device):
                    assert (norm, version, device) == ("Linf", "standard", "cpu") and abs(eps - 0.06) < 1e-9
                    self.apgd_targeted, self.fab = Attack(), Attack()

                def run_standard_evaluation(self, x, y, bs):
                    assert self.apgd_targeted.n_target_classes == self.fab.n_target_classes == 3
                    black = x.clone()
                    black[::3] = 0
                    return black
            """);
        var clean = CliRun.Invoke("eval", "--checkpoint", checkpoint, "--attack", "clean", "--json").Output;

        var (code, output) = PythonTorch.Run(kit, "--data", data, "--autoattack", "--steps", "1");
        Assert.That(code, Is.Zero, output);
        var found = System.Text.RegularExpressions.Regex.Match(output, @"autoattack +(\d+) of 41 right").Groups[1].Value;
        var right = System.Text.RegularExpressions.Regex.Match(output, @"clean +(\d+) of 41 right").Groups[1].Value;
        Assert.That(int.Parse(found, CultureInfo.InvariantCulture), Is.LessThan(int.Parse(right, CultureInfo.InvariantCulture)), output);
        // The clean counts in the place of AutoAttack's: too many for the smallest tolerance there is.
        var expect = folder.Write("expect.json", clean.Replace("\"name\":\"clean\"", "\"name\":\"autoattack\"")
            .Replace("\"correct\":", "\"correct\":9"));
        var (refused, differences) = PythonTorch.Run(kit, "--data", data, "--autoattack", "--steps", "1", "--expect", expect);
        Assert.That(refused, Is.EqualTo(1), differences);
        Assert.That(differences, Does.Contain("DIFFERS: autoattack, class 0"));
    }

    [Test]
    public void Check_WithoutImages_SaysWhatToGive()
    {
        using var folder = new TempFolder();
        var (weights, _, _) = Prepare(folder, "mlp", 1, 8, finalNorm: true);
        var kit = Json("export", "--checkpoint", weights, "--out", folder.File("out.safetensors"), "--kit").GetProperty("check").GetString()!;

        Assert.That(PythonTorch.Run(kit).Output, Does.Contain("give --data DIR"));
        Assert.That(PythonTorch.Run(kit, "--data", folder.Path).Output, Does.Contain("no test images found"));
    }

    /// <summary>A network with statistics of its own and images with labels of which it has some right.</summary>
    private static (string Weights, string Images, string Labels) Prepare(
        TempFolder folder, string model, int channels, int side, bool finalNorm)
    {
        using var device = Device.Cpu();
        var spec = new NetworkSpec(model, side, side, channels, 10)
        {
            Mean = [.. Enumerable.Range(0, channels).Select(c => 0.4f + 0.05f * c)], Std = [.. Enumerable.Repeat(0.3f, channels)],
            FinalBatchNorm = finalNorm,
        };
        using var network = Network.Create(spec, device, seed: 4);
        var random = new Random(8);
        if (network.RunningStatistics is { } statistics)
        {
            var values = statistics.ToArray<float>();
            for (var i = 0; i < values.Length; i++) values[i] += 0.2f * random.NextSingle();
            statistics.CopyFrom<float>(values);
        }
        var weights = folder.File("net.safetensors");
        WeightFile.Save(network, weights, [.. Enumerable.Range(0, 10).Select(k => $"class {k}")],
            new Dictionary<string, string> { ["codat.norm"] = "linf", ["codat.eps"] = "8/255", ["codat.step"] = "2/255" });
        var pixels = new byte[Images * side * side * channels];
        random.NextBytes(pixels);
        Npy.Write<byte>(folder.File("x.npy"), pixels, Images, side, side, channels);
        Npy.Write<long>(folder.File("y.npy"), [.. Enumerable.Range(0, Images).Select(i => (long)(i % 10))], Images);
        return (weights, folder.File("x.npy"), folder.File("y.npy"));
    }

    private static System.Text.Json.JsonElement Json(params string[] arguments)
    {
        var run = CliRun.Invoke([.. arguments, "--json"]);
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        return run.Json;
    }
}
