using System.Text.Json.Nodes;
using Codat.Native.Data;
using Codat.Native.Interop;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>What a run reads, when; which epoch it selects; how settings change what it does.</summary>
internal sealed class SelectionTests
{
    [Test]
    public void Train_TestFilesAreGarbage_TrainsToTheEndAndKeepsEverything()
    {
        using var folder = new TempFolder();
        var data = SmallData.Ppm(folder, "data", SmallData.Images(train: 80, test: 16));
        foreach (var file in Directory.GetFiles(Path.Combine(data, "test"), "*", SearchOption.AllDirectories))
            File.WriteAllBytes(file, new byte[new FileInfo(file).Length]);
        string[] settings = ["dataset=folder", $"data={data}", "train-limit=64", "val-limit=8", "test-limit=8", "batch=16"];
        var path = folder.File("run");

        var run = CliRun.Invoke([.. TinyRun.Arguments(path, settings), "--json"]);

        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.EqualTo(1));
            Assert.That(run.Error, Does.Contain("the test split cannot be read").And.Contain("--resume"));
            Assert.That(TinyRun.Metrics(path), Has.Length.EqualTo(2));
            Assert.That(File.Exists(Path.Combine(path, "best.safetensors")), Is.True);
            Assert.That(File.Exists(Path.Combine(path, "last.safetensors")), Is.True);
            Assert.That(File.Exists(Path.Combine(path, "final.json")), Is.False);
            Assert.That(Splits(path), Is.EqualTo(new[] { "train", "val" }));
        });

        // The files are mended; the run only has its end left to do.
        SmallData.Ppm(folder, "data", SmallData.Images(train: 80, test: 16));
        Assert.That(CliRun.Invoke("train", "--resume", path).ExitCode, Is.Zero);
        Assert.That(Splits(path), Is.EqualTo(new[] { "train", "val", "test" }));
        Assert.That(TinyRun.Bits(path), Is.EqualTo(TinyRun.Train(folder, "whole", settings)));
    }

    [Test]
    public void Train_EveryEpoch_LeavesTheTestImagesUnread()
    {
        using var folder = new TempFolder();
        var data = SmallData.Ppm(folder, "data", SmallData.Images(train: 80, test: 16));
        var path = folder.File("run");
        var moved = folder.File("hidden");
        string[] settings = ["dataset=folder", $"data={data}", "train-limit=64", "val-limit=8", "test-limit=8", "batch=16"];
        var events = new Events
        {
            // Gone as soon as training begins, back only after the last epoch was selected from.
            OnStarted = () => Directory.Move(Path.Combine(data, "test"), moved),
            OnEpoch = (metrics, _) =>
            {
                if (metrics.Epoch == 2) Directory.Move(moved, Path.Combine(data, "test"));
            },
        };

        var result = Trainer.Run(TinyRun.Options(path, settings), events);

        Assert.That(result.Test, Is.Not.Null);
        var splits = Manifest(path)["splits"]!.AsArray();
        Assert.That(splits.Select(s => s!["split"]!.GetValue<string>()), Is.EqualTo(new[] { "train", "val", "test" }));
        Assert.That(splits.Select(s => s!["n"]!.GetValue<int>()), Is.EqualTo(new[] { 64, 8, 8 }));
        var read = splits.Select(s => s!["readAt"]!.GetValue<DateTimeOffset>()).ToArray();
        Assert.That(read[2], Is.GreaterThan(read[1]));
    }

    [Test]
    public void Best_IsTheWorstClassThenTheAverageThenTheLaterEpoch()
    {
        using var folder = new TempFolder();
        var path = folder.File("run");
        var best = new List<int>();
        var options = TinyRun.Options(path, "epochs=8", "model=small-cnn", "steps=1", "eps=0.02", "step=0.02", "lr=0.05");

        var result = Trainer.Run(options, new Events { OnEpoch = (metrics, isBest) => { if (isBest) best.Add(metrics.Epoch); } });

        var (expected, worst, average) = (0, double.NegativeInfinity, double.NegativeInfinity);
        var selected = new List<int>();
        foreach (var epoch in TinyRun.Metrics(path))
        {
            var (w, a) = (epoch["robust"]!["worst"]!.GetValue<double>(), epoch["robust"]!["average"]!.GetValue<double>());
            if (w < worst || (w == worst && a < average)) continue;
            (expected, worst, average) = (epoch["epoch"]!.GetValue<int>(), w, a);
            selected.Add(expected);
        }
        Assert.That(best, Is.EqualTo(selected));
        Assert.That(result.Best, Is.EqualTo(new BestEpoch(expected, worst)));
        // The final validation attacks with the same draws, so the selected weights show the selected numbers again.
        var robust = result.Validation!["attacks"]![1]!;
        Assert.That(robust["worst"]!.GetValue<double>(), Is.EqualTo(worst));
        Assert.That(robust["average"]!.GetValue<double>(), Is.EqualTo(average));
    }

    [Test]
    public void EarlyStop_WithoutABetterWorstClass_StopsAfterSoManyEpochs()
    {
        using var folder = new TempFolder();
        var path = folder.File("run");

        // Nothing is learned at this rate, so the first epoch's worst class is never bettered; averages may move.
        var result = Trainer.Run(TinyRun.Options(path, "epochs=9", "early-stop=3", "lr=1e-7", "test=none"));

        Assert.That(result.Stopped, Is.EqualTo("early"));
        Assert.That(result.Epochs, Is.EqualTo(4));
        Assert.That(TinyRun.Metrics(path), Has.Length.EqualTo(4));
        Assert.That(TinyRun.Final(path)["stopped"]!.GetValue<string>(), Is.EqualTo("early"));
    }

    [Test]
    public void ValNone_BestIsLastAndValidationIsNull()
    {
        using var folder = new TempFolder();
        var path = folder.File("run");

        var run = CliRun.Invoke([.. TinyRun.Arguments(path, "val=none"), "--json"]);

        var bits = TinyRun.Bits(path);
        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.Zero, run.Error);
            Assert.That(bits["best.safetensors"], Is.EqualTo(bits["last.safetensors"]));
            Assert.That(run.Json.GetProperty("validation").ValueKind, Is.EqualTo(System.Text.Json.JsonValueKind.Null));
            Assert.That(run.Json.GetProperty("best").GetProperty("epoch").GetInt32(), Is.EqualTo(2));
            Assert.That(run.Json.GetProperty("best").GetProperty("worst").ValueKind, Is.EqualTo(System.Text.Json.JsonValueKind.Null));
            Assert.That(TinyRun.Final(path)["optimalWeights"], Is.Null);
            Assert.That(TinyRun.Metrics(path)[0]["robust"], Is.Null);
            Assert.That(Splits(path), Is.EqualTo(new[] { "train", "test" }));
        });
    }

    [Test]
    public void TestNone_ReadsNoTestSplit()
    {
        using var folder = new TempFolder();
        var path = folder.File("run");

        var result = Trainer.Run(TinyRun.Options(path, "test=none"));

        Assert.That(result.Test, Is.Null);
        Assert.That(result.Validation, Is.Not.Null);
        Assert.That(Splits(path), Is.EqualTo(new[] { "train", "val" }));
    }

    [Test]
    public void MaxSteps_EndsInMidEpochOnTheSameSchedule()
    {
        using var folder = new TempFolder();
        var (whole, cut) = (new List<TrainingStep>(), new List<TrainingStep>());

        Trainer.Run(TinyRun.Options(folder.File("whole")), new Events { OnStep = whole.Add });
        var result = Trainer.Run(TinyRun.Options(folder.File("cut"), "max-steps=13"), new Events { OnStep = cut.Add });

        Assert.That(cut, Is.EqualTo(whole.Take(13)));
        Assert.That(result.Stopped, Is.EqualTo("done"));
        Assert.That(result.Epochs, Is.EqualTo(1));
        var metrics = TinyRun.Metrics(folder.File("cut"));
        Assert.That(metrics.Select(m => m["step"]!.GetValue<int>()), Is.EqualTo(new[] { 10, 13 }));
        Assert.That(metrics[1]["loss"]!.GetValue<double>(), Is.EqualTo(cut.Skip(10).Average(s => s.Loss)).Within(1e-12));
    }

    [Test]
    public void Init_StartsFromTheseWeightsAndIsNotNeededToResume()
    {
        using var folder = new TempFolder();
        TinyRun.Train(folder, "first");
        var start = folder.File("start.safetensors");
        File.Copy(Path.Combine(folder.File("first"), "last.safetensors"), start);
        string[] settings = [$"init={start}", "max-steps=15"];
        var losses = new List<TrainingStep>();

        Trainer.Run(TinyRun.Options(folder.File("tuned"), settings), new Events { OnStep = losses.Add });
        var whole = TinyRun.Bits(folder.File("tuned"));
        using var cancel = new CancellationTokenSource();
        var path = folder.File("pieces");
        Trainer.Run(TinyRun.Options(path, settings), new Events { OnStep = s => { if (s.Step == 4) cancel.Cancel(); } }, cancel.Token);
        File.Delete(start);
        Trainer.Resume(path, new ResumeOptions { Resume = path });

        Assert.That(TinyRun.Bits(path), Is.EqualTo(whole));
        var fresh = new List<TrainingStep>();
        Trainer.Run(TinyRun.Options(folder.File("fresh"), "max-steps=1"), new Events { OnStep = fresh.Add });
        Assert.That(losses[0].Loss, Is.LessThan(fresh[0].Loss), "trained weights start with a smaller loss");
    }

    [Test]
    public void Init_OfAnotherNetwork_IsRefusedBeforeAFolderExists()
    {
        using var folder = new TempFolder();
        TinyRun.Train(folder, "first", "max-steps=1", "test=none");
        var path = folder.File("tuned");

        var run = CliRun.Invoke(TinyRun.Arguments(path, $"init={Path.Combine(folder.File("first"), "last.safetensors")}", "model=small-cnn"));

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Error, Does.Contain("another network"));
        Assert.That(Directory.Exists(path), Is.False);
    }

    [Test]
    public void Keep_LeavesAClassOut_ItHasNoWeightAndARunGoesOn()
    {
        using var folder = new TempFolder();
        var path = folder.File("run");

        Trainer.Run(TinyRun.Options(path, "keep=3=0,5=0.5", "train-limit=800", "max-steps=5", "prior=frequency", "log-steps=true"));

        var train = Manifest(path)["splits"]![0]!["perClass"]!.AsArray().Select(n => n!.GetValue<int>()).ToArray();
        Assert.That(train[3], Is.Zero);
        Assert.That(train[5], Is.LessThan(0.6 * train[4]));
        var weights = Npy.Read(Path.Combine(path, "steps", "weight.npy")).Values<double>().ToArray();
        Assert.That(weights.Where((_, i) => i % 10 == 3), Has.All.Zero);
        for (var step = 0; step < 5; step++)
            Assert.That(weights.Skip(10 * step).Take(10).Sum(), Is.EqualTo(1).Within(1e-12));
        Assert.That(Manifest(path)["notes"]!.ToJsonString(), Does.Contain("class 3"));
    }

    [Test]
    public void Prior_Frequency_WithoutARadius_IsTheClassShares()
    {
        using var folder = new TempFolder();
        var path = folder.File("run");

        Trainer.Run(TinyRun.Options(path, "imbalance=exp:0.3", "prior=frequency", "eta=0", "missing=ema", "risk=ema:0.5",
            "train-limit=800", "max-steps=8", "log-steps=true", "test=none"));

        var counts = Manifest(path)["splits"]![0]!["perClass"]!.AsArray().Select(n => (double)n!.GetValue<int>()).ToArray();
        var weights = Npy.Read(Path.Combine(path, "steps", "weight.npy")).Values<double>().ToArray();
        // By the last step every class has been seen, so the weights are the whole prior.
        Assert.That(weights.Skip(70), Is.EqualTo(counts.Select(n => n / counts.Sum())).Within(1e-12));
        Assert.That(counts[9], Is.LessThan(counts[0]));
    }

    [Test]
    public void Prior_File_IsUsed()
    {
        using var folder = new TempFolder();
        var path = folder.File("run");
        double[] prior = [0.05, 0.05, 0.05, 0.05, 0.1, 0.1, 0.1, 0.1, 0.2, 0.2];
        var file = folder.File("prior.npy");
        Npy.Write<double>(file, prior, 10);

        Trainer.Run(TinyRun.Options(path, $"prior={file}", "eta=0", "risk=ema:0.5", "max-steps=8", "log-steps=true", "test=none"));

        var weights = Npy.Read(Path.Combine(path, "steps", "weight.npy")).Values<double>().ToArray();
        Assert.That(weights.Skip(70), Is.EqualTo(prior).Within(1e-12));
    }

    private static JsonNode Manifest(string run) => JsonNode.Parse(File.ReadAllText(Path.Combine(run, "manifest.json")))!;

    private static string[] Splits(string run) =>
        [.. Manifest(run)["splits"]!.AsArray().Select(s => s!["split"]!.GetValue<string>())];
}
