using System.Text.Json;
using System.Text.Json.Nodes;
using Codat.Native.Interop;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class RunFilesTests
{
    private static EpochMetrics Epoch(int epoch) => new()
    {
        Epoch = epoch,
        Step = epoch * 10L,
        Lr = 0.1 / epoch,
        Loss = double.NaN,
        Clean = new AccuracySummary(0.5, 0.25, [0.25, double.NaN]),
        Robust = null,
        Risk = [new MeanDeviation(1.5, 0.5), new MeanDeviation(2, 0)],
        Weight = [new MeanDeviation(0.75, 0.125), new MeanDeviation(0.25, 0.125)],
        Variance = 0.0625,
        VarianceStd = 0.5,
        EtaEff = 0.3,
        NegativeShare = 0,
        ObjectiveGap = 1e-17,
        Seconds = new PhaseSeconds(0.5, 4, 2, 1),
        ImagesPerSecond = 1234.5,
        PeakBytes = 5_000_000_000,
    };

    [Test]
    public void Metrics_Line_HasTheKeysOfTheContract()
    {
        using var temp = new TempFolder();
        MetricsFile.Open(temp.File("metrics.jsonl"), 0).Add(Epoch(1));

        string text = File.ReadAllText(temp.File("metrics.jsonl"));

        Assert.That(text, Is.EqualTo(
            "{\"epoch\":1,\"step\":10,\"lr\":0.1,\"loss\":null,"
            + "\"clean\":{\"average\":0.5,\"worst\":0.25,\"perClass\":[0.25,null]},\"robust\":null,"
            + "\"risk\":[{\"mean\":1.5,\"std\":0.5},{\"mean\":2,\"std\":0}],"
            + "\"weight\":[{\"mean\":0.75,\"std\":0.125},{\"mean\":0.25,\"std\":0.125}],"
            + "\"variance\":0.0625,\"varianceStd\":0.5,\"etaEff\":0.3,\"negativeShare\":0,\"objectiveGap\":1E-17,"
            + "\"seconds\":{\"data\":0.5,\"attack\":4,\"update\":2,\"eval\":1},"
            + "\"imagesPerSecond\":1234.5,\"peakBytes\":5000000000}\n"));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(3)]
    public void Metrics_Resume_EndsAtTheCommittedEpoch(int committed)
    {
        using var temp = new TempFolder();
        string path = temp.File("metrics.jsonl");
        MetricsFile file = MetricsFile.Open(path, 0);
        for (int epoch = 1; epoch <= 3; epoch++) file.Add(Epoch(epoch));
        string[] before = File.ReadAllLines(path);

        MetricsFile resumed = MetricsFile.Open(path, committed);

        Assert.That(File.ReadAllLines(path), Is.EqualTo(before[..committed]));
        Assert.That(resumed.Epochs, Has.Count.EqualTo(committed));
        resumed.Add(Epoch(committed + 1));
        Assert.That(File.ReadAllLines(path)[^1], Does.StartWith($"{{\"epoch\":{committed + 1},"));
    }

    [Test]
    public void Metrics_CutLineAfterTheCommittedEpoch_IsDropped()
    {
        using var temp = new TempFolder();
        string path = temp.File("metrics.jsonl");
        MetricsFile.Open(path, 0).Add(Epoch(1));
        string whole = File.ReadAllText(path);
        File.AppendAllText(path, "{\"epoch\":2,\"st");

        MetricsFile.Open(path, 1);

        Assert.That(File.ReadAllText(path), Is.EqualTo(whole));
    }

    [TestCase("")]
    [TestCase("{\"epoch\":1}\n")]
    [TestCase("nonsense\n")]
    [TestCase("null\n")]
    public void Metrics_CommittedEpochUnreadable_Throws(string content)
    {
        using var temp = new TempFolder();
        string path = temp.Write("metrics.jsonl", content);

        CodatException error = Assert.Throws<CodatException>(() => MetricsFile.Open(path, 1))!;

        Assert.That(error.Where, Does.StartWith(path));
        Assert.That(File.ReadAllText(path), Is.EqualTo(content));
    }

    [Test]
    public void Metrics_EpochOutOfOrder_Throws()
    {
        using var temp = new TempFolder();
        MetricsFile file = MetricsFile.Open(temp.File("metrics.jsonl"), 0);

        Assert.Throws<ArgumentException>(() => file.Add(Epoch(2)));
    }

    [Test]
    public void Classes_Rows_AreQuotedRoundTrippableAndBlankWhereNotMeasured()
    {
        using var temp = new TempFolder();
        ClassesFile file = ClassesFile.Open(temp.File("classes.csv"), 0);

        file.Add([new ClassRow(1, 0, "T-shirt, \"top\"", 600, 0.1 + 0.2, double.NaN, 0, 1, 1e-7, 0.1)]);

        Assert.That(File.ReadAllText(temp.File("classes.csv")), Is.EqualTo(
            "epoch,class,name,n,clean,robust,low,high,risk,weight\n"
            + "1,0,\"T-shirt, \"\"top\"\"\",600,0.30000000000000004,,0,1,1E-07,0.1\n"));
    }

    [Test]
    public void Classes_Resume_EndsAtTheCommittedEpoch()
    {
        using var temp = new TempFolder();
        string path = temp.File("classes.csv");
        ClassesFile file = ClassesFile.Open(path, 0);
        file.Add([new ClassRow(1, 0, "two\nlines", 5, 1, 1, 1, 1, 1, 1)]);
        string committed = File.ReadAllText(path);
        file.Add([new ClassRow(2, 0, "two\nlines", 5, 1, 1, 1, 1, 1, 1)]);

        ClassesFile.Open(path, 1);

        Assert.That(File.ReadAllText(path), Is.EqualTo(committed));
    }

    [Test]
    public void Classes_CommittedTableMissing_Throws()
    {
        using var temp = new TempFolder();

        Assert.Throws<CodatException>(() => ClassesFile.Open(temp.File("classes.csv"), 1));
    }

    [Test]
    public void Final_Json_HasItsKeys()
    {
        using var temp = new TempFolder();
        using RunFolder run = RunFolder.Create(TrainOptions.Preset() with { Out = temp.File("run") });

        run.Write(new FinalResult
        {
            Epochs = 8,
            Objective = "codat",
            Stopped = "done",
            Best = new BestEpoch(7, double.NaN),
            Validation = new JsonObject { ["n"] = 3 },
            Test = null,
            OptimalWeights = new OptimalWeights(0.3, [1, 2], [0.25, 0.75], 1.75) { Prior = [0.5, 0.5] },
        });

        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(run.FinalPath));
        Assert.That(json.RootElement.ToString().Replace(" ", "").Replace("\n", ""), Is.EqualTo(
            "{\"epochs\":8,\"objective\":\"codat\",\"stopped\":\"done\",\"best\":{\"epoch\":7,\"worst\":null},"
            + "\"validation\":{\"n\":3},\"test\":null,"
            + "\"optimalWeights\":{\"eta\":0.3,\"risks\":[1,2],\"weights\":[0.25,0.75],\"objective\":1.75,\"prior\":[0.5,0.5]},\"imagesPerSecond\":null,\"peakBytes\":0}"));
    }

    [Test]
    public void Manifest_Json_HasItsKeys()
    {
        using var temp = new TempFolder();
        using RunFolder run = RunFolder.Create(TrainOptions.Preset() with { Out = temp.File("run") });

        run.Write(new RunManifest
        {
            Versions = new Dictionary<string, string> { ["codat"] = "1.2.3" },
            Device = "cpu",
            Threads = 2,
            Libraries = new Dictionary<string, string>(),
            MathModes = new Dictionary<string, string> { ["precision"] = "fp32" },
            Seed = ulong.MaxValue,
            ConfigHash = "ab",
            DataHashes = new Dictionary<string, string>(),
            Splits = [new SplitRead("val", 2, [1, 1], "cd", DateTimeOffset.UnixEpoch, "selection")],
        });

        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(run.ManifestPath));
        Assert.Multiple(() =>
        {
            Assert.That(json.RootElement.EnumerateObject().Select(p => p.Name), Is.EqualTo(new[]
            {
                "versions", "device", "threads", "libraries", "mathModes", "seed", "configHash", "dataHashes",
                "bestHash", "notes", "splits",
            }));
            Assert.That(json.RootElement.GetProperty("seed").GetUInt64(), Is.EqualTo(ulong.MaxValue));
            Assert.That(json.RootElement.GetProperty("splits")[0].GetProperty("readAt").GetString(),
                Is.EqualTo("1970-01-01T00:00:00+00:00"));
        });
    }
}
