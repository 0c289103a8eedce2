using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>A comparison killed with -9 at random moments and started again ends in the tables of one left alone.</summary>
internal sealed class CompareKillTests
{
    private const int Kills = 12;

    [Test]
    [Category("Slow")]
    public void KilledAtRandomMoments_StartedAgain_EndsInTheSameTables()
    {
        using var folder = new TempFolder();
        var plan = TinyPlan.Write(folder, """
            { "label": "AT", "objective": "at" }, { "label": "FT", "objective": "codat", "init": "AT", "epochs": 1 },
            { "label": "C", "objective": "codat", "sweep": { "eta": [0.1, 0.5] }, "save-every": "0.02s" }
            """, """, "evaluate": [ { "name": "dim", "corrupt": "contrast:1", "attack": "pgd-2", "limit": 40 } ]""");
        TinyPlan.Run(plan, folder.File("whole"));
        var (whole, random, killed) = (TinyPlan.Tables(folder.File("whole")), new Random(11), 0);

        for (var round = 0; killed < Kills; round++)
        {
            Assert.That(round, Is.LessThan(Kills), "the comparisons end before they can be killed");
            var path = folder.File($"round{round}");
            while (!TryFinish(plan, path, killed < Kills ? random : null)) killed++;

            Assert.That(TinyPlan.Tables(path), Is.EqualTo(whole), $"after {killed} kills");
        }
    }

    [Test]
    [Category("Slow")]
    public void Interrupted_SavesAndLeavesWith130AndIsContinued()
    {
        using var folder = new TempFolder();
        var plan = TinyPlan.Write(folder, """{ "label": "AT", "objective": "at", "epochs": 60 }""");
        using (var process = CodatProcess.Start(Arguments(plan, folder.File("d"))))
        {
            process.WaitFor(() => File.Exists(folder.File("d/runs/AT-s0/metrics.jsonl")));
            process.SendInterrupt();
            Assert.That(process.Wait(), Is.EqualTo(130), process.Error);
        }
        Assert.That(File.Exists(folder.File("d/runs/AT-s0/state/CURRENT")), Is.True);
        Assert.That(File.ReadAllText(folder.File("d/compare.json")), Does.Contain("\"seeds\": []"));

        using var again = CodatProcess.Start(Arguments(plan, folder.File("d")));
        Assert.That(again.Wait(), Is.Zero, again.Error);
        Assert.That(File.ReadAllLines(folder.File("d/runs.jsonl")), Has.Length.EqualTo(1));
    }

    private static bool TryFinish(string plan, string path, Random? random)
    {
        using var process = CodatProcess.Start(Arguments(plan, path));
        if (random is not null)
        {
            // The clock runs from the moment the process works in the folder: start-up is not what is tested.
            var before = Newest(path);
            process.WaitFor(() => Newest(path) != before);
            process.WaitFor(random.Next(2) == 0 ? random.Next(0, 60) : random.Next(0, 900));
            if (process.Kill()) return false;
        }
        Assert.That(process.Wait(), Is.Zero, process.Error);
        return true;
    }

    private static string[] Arguments(string plan, string path) =>
        ["compare", plan, "--out", path, "--threads", "1", "--device", "cpu", "--quiet"];

    private static DateTime Newest(string path) => Directory.Exists(path)
        ? new DirectoryInfo(path).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Select(f => f.LastWriteTimeUtc)
            .DefaultIfEmpty(DateTime.MinValue).Max()
        : DateTime.MinValue;
}
