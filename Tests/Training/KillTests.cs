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

    /// <summary>Delays are drawn over the length of a run, so kills fall into start, steps, saves, evaluations and the end.</summary>
    private static void Run(int kills, int seed)
    {
        using var folder = new TempFolder();
        var whole = TinyRun.Train(folder, "whole", s_run);
        var path = folder.File("killed");
        var random = new Random(seed);

        var (killed, code, attempts) = (0, -1, 0);
        while (code != 0)
        {
            Assert.That(++attempts, Is.LessThan(20 * kills), "the run does not get on");
            var isFirst = !File.Exists(Path.Combine(path, "config.json"));
            if (isFirst && Directory.Exists(path)) Directory.Delete(path, recursive: true);
            using var process = CodatProcess.Start(isFirst ? TinyRun.Arguments(path, s_run) : ["train", "--resume", path]);
            if (killed < kills)
            {
                // Start-up is not what is tested: the clock runs from the moment the process holds the folder.
                var current = Path.Combine(path, "manifest.json");
                var before = File.Exists(current) ? File.GetLastWriteTimeUtc(current) : DateTime.MinValue;
                process.WaitFor(() => File.Exists(current) && File.GetLastWriteTimeUtc(current) != before);
                process.WaitFor(random.Next(0, 60));
                if (process.Kill())
                {
                    killed++;
                    continue;
                }
            }
            code = process.Wait();
            Assert.That(code, Is.Zero, process.Error);
        }

        Assert.That(killed, Is.GreaterThanOrEqualTo(Math.Min(kills, 3)), "the run ended before it was killed often enough");
        Assert.That(TinyRun.Bits(path), Is.EqualTo(whole));
        Assert.That(Directory.GetFiles(path, "*.tmp", SearchOption.TopDirectoryOnly), Is.Empty);
    }
}
