using Codat.Native.Data;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The plain command line on a machine with a (simulated) CUDA: every command that computes, and the cache.</summary>
[CudaFixture]
internal sealed class CudaCommandTests
{
    [Test]
    public void Commands_OnATrainedNetwork_GiveWhatTheProcessorGives()
    {
        using var machine = new SimulatedMachine();
        var (run, small) = (machine.File("run"), new[] { "--threads", "1", "--quiet" });
        Ok(machine.Run(["train", "--device", "cuda", "--dataset", "synthetic", "--model", "small-cnn", "--train-limit", "64", "--val-limit", "16",
            "--test", "none", "--batch", "16", "--epochs", "1", "--steps", "2", "--val-attack", "pgd-2", "--save-every", "off", "--out", run, .. small]));
        var checkpoint = Path.Combine(run, "last.safetensors");
        var images = Images(machine, 5, out var labels);

        var (logits, logitsCpu) = (machine.File("logits.npy"), machine.File("logits-cpu.npy"));
        foreach (var (device, path) in new[] { ("cuda", logits), ("cpu", logitsCpu) })
            Ok(machine.Run(["predict", "--checkpoint", checkpoint, "--input", images, "--out", path, "--device", device, .. small]));
        Assert.That(Difference(logits, logitsCpu), Is.LessThan(1e-4));

        var (hostile, hostileCpu) = (machine.File("x.npy"), machine.File("x-cpu.npy"));
        foreach (var (device, path) in new[] { ("cuda", hostile), ("cpu", hostileCpu) })
            Ok(machine.Run(["attack", "--checkpoint", checkpoint, "--input", images, "--labels", labels, "--steps", "2", "--eps", "0.1",
                "--step", "0.05", "--out", path, "--device", device, .. small]));
        // A gradient that rounding turns moves a pixel by a step; few are so near zero.
        var pixels = Npy.Read(hostile).Values<float>().ToArray().Zip(Npy.Read(hostileCpu).Values<float>().ToArray());
        Assert.That(pixels.Count(p => Math.Abs(p.First - p.Second) > 1e-4), Is.LessThan(0.01 * 5 * 784));

        var rows = new[] { "cuda", "cpu" }.Select(device => Ok(machine.Run(["eval", "--checkpoint", checkpoint, "--attack", "clean,pgd-2",
            "--limit", "20", "--batch", "8", "--device", device, "--json", .. small])).Json).ToArray();
        for (var a = 0; a < 2; a++)
            Assert.That(Correct(rows[0], a), Is.EqualTo(Correct(rows[1], a)).Within(1));
    }

    [Test]
    public void Info_OnAMachineThatLacksNothing_ShowsDeviceAndLibraries()
    {
        using var machine = new SimulatedMachine();

        var run = Ok(machine.Run("info"));

        foreach (var part in new[] { "cuda:0", "libcuda.so.1", "NVRTC", "cuBLAS", "cuDNN" }) Assert.That(run.Output, Does.Contain(part));
        Assert.That(run.Output, Does.Match(@"toolkit +CUDA 1[23]: 3 of 3 libraries found"));
    }

    [Test]
    public void Predict_OneImageOrMany_GivesThatImageTheSameBits()
    {
        using var machine = new SimulatedMachine();
        var run = machine.File("run");
        Ok(machine.Run("train", "--device", "cuda", "--dataset", "synthetic", "--model", "mlp", "--train-limit", "64", "--val", "none",
            "--test", "none", "--batch", "16", "--epochs", "1", "--steps", "1", "--save-every", "off", "--threads", "1", "--quiet", "--out", run));
        var all = Logits(7);

        Assert.That(Logits(1), Is.EqualTo(all[..10]));

        float[] Logits(int count)
        {
            var (images, path) = (Images(machine, count, out _), machine.File($"logits-{count}.npy"));
            Ok(machine.Run("predict", "--checkpoint", Path.Combine(run, "last.safetensors"), "--input", images, "--out", path,
                "--device", "cuda", "--threads", "1", "--quiet"));
            return Npy.Read(path).Values<float>().ToArray();
        }
    }

    [Test]
    public void Cache_BuiltListedAndCleared_CountsWhatIsThere()
    {
        using var machine = new SimulatedMachine();

        var first = Ok(machine.Run("cache", "build", "--arch", "90", "--json", "--quiet")).Json;
        var second = Ok(machine.Run("cache", "build", "--arch", "90", "--json", "--quiet")).Json;
        var list = Ok(machine.Run("cache", "list", "--json")).Json;
        var bad = machine.Run("cache", "build", "--arch", "11", "--quiet");
        var cleared = Ok(machine.Run("cache", "clear", "--json")).Json;
        var empty = Ok(machine.Run("cache", "list", "--json")).Json;

        var built = first.GetProperty("built").GetInt32();
        // A source may have several variants.
        Assert.That(built, Is.GreaterThanOrEqualTo(first.GetProperty("kernels").GetInt32()).And.GreaterThan(40));
        Assert.That(first.GetProperty("failed").GetArrayLength(), Is.Zero);
        Assert.That((second.GetProperty("built").GetInt32(), second.GetProperty("fromCache").GetInt32()),
            Is.EqualTo((0, built + first.GetProperty("fromCache").GetInt32())));
        Assert.That(list.GetProperty("files").GetArrayLength(), Is.Positive);
        Assert.That(list.GetProperty("bytes").GetInt64(), Is.Positive);
        Assert.That(bad.ExitCode, Is.EqualTo(2));
        Assert.That(bad.Error, Does.Contain("--arch").And.Contain("90").And.Contain("found 11"));
        Assert.That(cleared.GetProperty("removed").GetInt32(), Is.EqualTo(list.GetProperty("files").GetArrayLength()));
        Assert.That(empty.GetProperty("files").GetArrayLength(), Is.Zero);
    }

    private static CliRun Ok(CliRun run)
    {
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        return run;
    }

    private static string Images(SimulatedMachine machine, int count, out string labels)
    {
        var values = TestValues.Uniform(7 * 784, 3, 0, 1).Select(v => (float)v).Take(count * 784).ToArray();
        var path = machine.File($"images-{count}.npy");
        using (var stream = File.Create(path)) Npy.Write<float>(stream, values, count, 1, 28, 28);
        labels = machine.File($"labels-{count}.npy");
        using (var stream = File.Create(labels)) Npy.Write<int>(stream, Enumerable.Range(0, count).ToArray(), count);
        return path;
    }

    private static double Difference(string a, string b)
    {
        var (x, y) = (Npy.Read(a).Values<float>().ToArray(), Npy.Read(b).Values<float>().ToArray());
        return Math.Sqrt(x.Zip(y, (p, q) => Math.Pow(p - q, 2)).Sum() / y.Sum(q => q * q));
    }

    private static double Correct(System.Text.Json.JsonElement result, int attack) => result.GetProperty("attacks")[attack]
        .GetProperty("average").GetDouble() * 20;
}
