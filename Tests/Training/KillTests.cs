using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>A run killed with -9 at random moments, continued until it is done, is bit for bit the run that was left alone.</summary>
internal sealed class KillTests
{
    private const int Kills = 4;
    private const int ManyKills = 25;

    private static readonly string[] s_run =
        ["epochs=3", "log-steps=true", "ema=0.9", "risk=ema:0.9", "augment=crop4", "save-every=0.02s", "steps=10", "threads=1"];

    [Test]
    public void KilledAtRandomMoments_ContinuedUntilDone_IsTheUninterruptedRun() => Run(Kills, seed: 1);

    [Test]
    [Category("Slow")]
    public void KilledManyTimes_ContinuedUntilDone_IsTheUninterruptedRun() => Run(ManyKills, seed: 2);

    [Test]
    public void Killed_BeforeTheFirstStateWasSaved_CanStillBeResumed()
    {
        using var folder = new TempFolder();
        var whole = TinyRun.Train(folder, "whole");
        var path = folder.File("early");
        Directory.CreateDirectory(Path.Combine(path, "state", "000001.tmp"));
        File.WriteAllText(Path.Combine(path, "config.json"), Robust.TrainConfig.Write(TinyRun.Options(path)));

        var run = CliRun.Invoke("train", "--resume", path, "--json");

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(TinyRun.Bits(path), Is.EqualTo(whole));
    }

    /// <summary>Runs are made and killed until there were enough kills; each must end as the run that was left alone.</summary>
    private static void Run(int kills, int seed)
    {
        using var folder = new TempFolder();
        var whole = TinyRun.Train(folder, "whole", s_run);
        var random = new Random(seed);

        for (var (killed, run) = (0, 0); killed < kills; run++)
        {
            Assert.That(run, Is.LessThan(kills), "the runs end before they can be killed");
            var path = folder.File($"run{run}");
            while (!TryFinish(path, killed < kills ? random : null)) killed++;

            Assert.That(TinyRun.Bits(path), Is.EqualTo(whole), $"after {killed} kills");
            Assert.That(Directory.GetFileSystemEntries(Path.Combine(path, "state")), Has.Length.EqualTo(3), "lock, CURRENT, one state");
        }
    }

    /// <summary>Starts or continues a run; kills it after a random time where there is a generator. True if it got to its end.</summary>
    private static bool TryFinish(string path, Random? random)
    {
        var isFirst = !File.Exists(Path.Combine(path, "config.json"));
        if (isFirst && Directory.Exists(path)) Directory.Delete(path, recursive: true);
        using var process = CodatProcess.Start(isFirst ? TinyRun.Arguments(path, s_run) : ["train", "--resume", path]);
        if (random is not null)
        {
            // Start-up of the program is not what is tested: the clock runs from the moment the process works in the folder.
            // Half the kills come early, when states are restored and saved, half anywhere up to the end.
            var manifest = Path.Combine(path, "manifest.json");
            var before = LastWritten(manifest);
            process.WaitFor(() => LastWritten(manifest) != before);
            process.WaitFor(random.Next(2) == 0 ? random.Next(0, 40) : random.Next(0, 400));
            if (process.Kill()) return false;
        }
        var code = process.Wait();
        Assert.That(code, Is.Zero, process.Error);
        return true;
    }

    private static DateTime LastWritten(string path) => File.Exists(path) ? File.GetLastWriteTimeUtc(path) : DateTime.MinValue;
}
