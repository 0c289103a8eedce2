using System.Text.Json.Nodes;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>An evaluation killed with -9 at random moments, and started again until it is done, is the one that was left alone.</summary>
internal sealed class EvalKillTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private string _checkpoint = ""; // set before the first test

    [OneTimeSetUp]
    public void Train()
    {
        TinyRun.Train(_folder, "run", "eps=0.05", "step=0.02", "val=none", "test=none");
        _checkpoint = _folder.File("run/best.safetensors");
    }

    public void Dispose() => _folder.Dispose();

    [Test]
    public void KilledTwice_StartedAgain_EndsInTheSameEvidenceAndResults() =>
        Run(kills: 2, seed: 3, milliseconds: 200, "clean,pgd-10x2,cw-10,apgd-ce");

    // Long enough for progress to be saved in the middle of an attack, which happens every two seconds.
    [Test]
    [Category("Slow")]
    public void KilledManyTimes_StartedAgain_EndsInTheSameEvidenceAndResults() =>
        Run(kills: 8, seed: 4, milliseconds: 6000, "clean,pgd-3000x2,apgd-ce,fab-t,square");

    private void Run(int kills, int seed, int milliseconds, string attacks)
    {
        string[] arguments = ["eval", "--checkpoint", _checkpoint, "--attack", attacks, "--limit", "24", "--quiet", "--json"];
        var whole = _folder.File($"whole{seed}.csv");
        var undisturbed = CliRun.Invoke([.. arguments, "--threads", "1", "--evidence", whole]);
        Assert.That(undisturbed.ExitCode, Is.Zero, undisturbed.Error);
        var (expected, bytes) = (Results(undisturbed.Output), File.ReadAllBytes(whole));
        var evidence = EvidenceFile.Read(whole);
        foreach (var attack in evidence.Attacks)
            Assert.That(evidence.Column(attack)!.Value.ToArray(), Does.Contain(true).And.Contain(false), $"{attack} tells nothing");
        var random = new Random(seed);

        for (var (killed, round) = (0, 0); killed < kills; round++)
        {
            Assert.That(round, Is.LessThan(kills), "the evaluations end before they can be killed");
            var path = _folder.File($"pieces{seed}-{round}.csv");
            string? output;
            while ((output = TryFinish(arguments, path, killed < kills ? random : null, milliseconds)) is null) killed++;

            Assert.That(File.ReadAllBytes(path), Is.EqualTo(bytes), $"after {killed} kills");
            Assert.That(Results(output), Is.EqualTo(expected), $"after {killed} kills");
            Assert.That(Directory.Exists(path + ".state"), Is.False);
        }
    }

    /// <summary>Starts or continues; kills after a random time where there is a generator. What was printed, or null if killed.</summary>
    private static string? TryFinish(string[] arguments, string path, Random? random, int milliseconds)
    {
        var (batch, threads) = (random?.Next(1, 9) ?? 7, random?.Next(1, 3) ?? 2);
        using var process = CodatProcess.Start([.. arguments, "--batch", $"{batch}", "--threads", $"{threads}", "--evidence", path]);
        if (random is not null)
        {
            // The clock runs from the moment the process works in the folder: start-up is not what is tested.
            var before = Newest(path + ".state");
            process.WaitFor(() => Newest(path + ".state") != before);
            process.WaitFor(random.Next(2) == 0 ? random.Next(0, 40) : random.Next(0, milliseconds));
            if (process.Kill()) return null;
        }
        Assert.That(process.Wait(), Is.Zero, process.Error);
        return process.Output;
    }

    /// <summary>What was printed, without the time it took and the name of the evidence.</summary>
    private static string Results(string output)
    {
        var json = JsonNode.Parse(output)!.AsObject();
        Assert.That(json.Remove("seconds") && json.Remove("evidence"), Is.True);
        return json.ToJsonString();
    }

    private static DateTime Newest(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).EnumerateFiles().Select(f => f.LastWriteTimeUtc).DefaultIfEmpty(DateTime.MinValue).Max();
        }
        catch (DirectoryNotFoundException)
        {
            return DateTime.MinValue;
        }
    }
}
