using System.Text.Json.Nodes;
using Codat.Native.Autograd;
using Codat.Native.Interop;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Runs that do not end well: not-a-number, Ctrl-C, a full disk, a folder in use, a finished run.</summary>
internal sealed class InterruptionTests
{
    [Test]
    public void Train_LossNotFinite_StopsWithClassAndStepAndAFiniteState()
    {
        using var folder = new TempFolder();
        var path = folder.File("run");

        // Steps of 1e30 leave weights that are finite for a step or two and then no more.
        var run = CliRun.Invoke([.. TinyRun.Arguments(path, "lr=1e30", "schedule=constant", "log-steps=true"), "--json"]);

        Assert.Multiple(() =>
        {
            Assert.That(run.ExitCode, Is.EqualTo(1));
            Assert.That(run.Json.GetProperty("stopped").GetString(), Is.EqualTo("nan"));
            Assert.That(run.Error, Does.Match(@"error: the loss is not a finite number \(step \d+, class \d \(stripes-\d\)\)"));
            Assert.That(run.Error, Does.Contain($"--resume {path}"));
            Assert.That(File.ReadAllText(Path.Combine(path, "metrics.jsonl")), Is.Empty);
        });
        AssertFiniteState(path);
        Assert.That(CliRun.Invoke("train", "--resume", path).ExitCode, Is.EqualTo(1), "it fails again in the same step");
    }

    [TestCase("save-every=off", @"the loss is not a finite number \(step 2, class \d")]
    [TestCase("save-every=0.000001s", @"the weights are not finite numbers \(after step 1\)")]
    [TestCase("max-steps=1", @"the weights are not finite numbers \(after step 1\)")]
    public void Train_WeightsNotFinite_AreNeverSaved(string setting, string message)
    {
        using var folder = new TempFolder();
        var path = folder.File("run");

        // The first step overflows every weight; its own loss is still finite.
        var run = CliRun.Invoke(TinyRun.Arguments(path, "lr=1e38", "weight-decay=1000", "schedule=constant", setting));

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Match(message));
        AssertFiniteState(path);
        AssertFinite(Path.Combine(path, "last.safetensors"), isOptional: true);
        Assert.That(File.ReadAllText(Path.Combine(path, "metrics.jsonl")), Is.Empty);
    }

    [Test]
    public void Train_LossNotFiniteInALaterEpoch_KeepsTheEpochsBefore()
    {
        using var folder = new TempFolder();
        var path = folder.File("run");
        // Every step multiplies the weights by about -9, so its logits overflow after some; each step is an epoch.
        var options = TinyRun.Options(path, "train-limit=32", "epochs=30", "lr=0.1", "weight-decay=100", "momentum=0", "schedule=constant");

        var result = Trainer.Run(options);

        Assert.That(result.Stopped, Is.EqualTo("nan"));
        Assert.That(result.Failure!.Step, Is.GreaterThan(1));
        AssertFiniteState(path);
        AssertFinite(Path.Combine(path, "last.safetensors"), isOptional: false);
        Assert.That(result.Epochs, Is.Positive, "the case is of no use if the first epoch fails");
        Assert.That(TinyRun.Metrics(path), Has.Length.EqualTo(result.Epochs));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "signals and limits of a Unix shell")]
    public void Interrupt_Once_FinishesTheStepSavesAndLeavesWith130()
    {
        using var folder = new TempFolder();
        string[] settings = ["epochs=8", "steps=10"];
        var path = folder.File("run");
        using var process = CodatProcess.Start([.. TinyRun.Arguments(path, settings), "--json"]);
        process.WaitFor(() => File.Exists(Path.Combine(path, "best.safetensors")));

        process.SendInterrupt();
        var code = process.Wait();

        Assert.That(code, Is.EqualTo(130), process.Error);
        Assert.That(JsonNode.Parse(process.Output)!["stopped"]!.GetValue<string>(), Is.EqualTo("cancelled"));
        Assert.That(process.Error, Does.Contain($"continue with: codat train --resume {path}"));
        Assert.That(CliRun.Invoke("train", "--resume", path).ExitCode, Is.Zero);
        Assert.That(TinyRun.Bits(path), Is.EqualTo(TinyRun.Train(folder, "whole", settings)));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "signals and limits of a Unix shell")]
    public void Train_DiskFull_SaysSoAndKeepsThePreviousState()
    {
        using var folder = new TempFolder();
        var path = folder.File("run");
        Trainer.Run(TinyRun.Options(path), cancellation: new CancellationToken(canceled: true));
        var before = File.ReadAllText(Path.Combine(path, "state", "CURRENT"));

        // 900 blocks of 512 bytes: the run's small files fit, its weights do not. A write fails as it does on a full disk.
        using var limited = CodatProcess.StartAfter(
            "trap '' XFSZ; export DOTNET_EnableWriteXorExecute=0; ulimit -f 900", "train", "--resume", path);
        var code = limited.Wait();

        Assert.That(code, Is.EqualTo(1), limited.Error);
        Assert.That(limited.Error, Does.Match("error: The file cannot be written .*last.safetensors.*too large"));
        Assert.That(File.ReadAllText(Path.Combine(path, "state", "CURRENT")), Is.EqualTo(before));
        AssertFiniteState(path);
        Assert.That(CliRun.Invoke("train", "--resume", path).ExitCode, Is.Zero);
        Assert.That(TinyRun.Bits(path), Is.EqualTo(TinyRun.Train(folder, "whole")));
    }

    [Test]
    public void Save_Fails_LeavesThePreviousStateAndNoRubbish()
    {
        using var folder = new TempFolder();
        var path = folder.File("run");
        Trainer.Run(TinyRun.Options(path), cancellation: new CancellationToken(canceled: true));
        var state = Path.Combine(path, "state");
        var before = Directory.GetFileSystemEntries(state);
        using var run = RunFolder.Open(path);
        var store = new StateStore(run);

        // The copies of the run's files are made after the tensors were written; one of them cannot be read.
        Directory.CreateDirectory(Path.Combine(path, "unreadable"));
        File.Delete(Path.Combine(path, "classes.csv"));
        File.CreateSymbolicLink(Path.Combine(path, "classes.csv"), Path.Combine(path, "unreadable", "none"));
        File.WriteAllText(Path.Combine(path, "metrics.jsonl"), "x");
        var error = Assert.Throws<CodatException>(() => store.Save(store.Peek()!, [("weights", null, new float[1])]));

        Assert.That(error!.IsUsage, Is.False);
        Assert.That(Directory.GetFileSystemEntries(state), Is.EquivalentTo(before));
    }

    [Test]
    public void Train_BeforeTheFirstStep_HasSavedItsState()
    {
        using var folder = new TempFolder();
        var path = folder.File("run");
        var seen = false;

        Trainer.Run(TinyRun.Options(path, "max-steps=1"), new Events { OnStarted = () => seen = File.Exists(Path.Combine(path, "state", "CURRENT")) });

        Assert.That(seen, Is.True);
    }

    [Test]
    public void Resume_FolderOfALiveRun_IsRefused()
    {
        using var folder = new TempFolder();
        var path = folder.File("run");
        CliRun? second = null;

        Trainer.Run(TinyRun.Options(path, "max-steps=1"), new Events { OnStarted = () => second = CliRun.Invoke("train", "--resume", path) });

        Assert.That(second!.ExitCode, Is.EqualTo(2));
        Assert.That(second.Error, Does.Contain("in use by a live process"));
    }

    [Test]
    public void Resume_FinishedRun_SaysSoAndPrintsTheSameResult()
    {
        using var folder = new TempFolder();
        var path = folder.File("run");
        var first = CliRun.Invoke([.. TinyRun.Arguments(path, "max-steps=5"), "--json"]);
        var before = TinyRun.Bits(path);

        var again = CliRun.Invoke("train", "--resume", path, "--json");

        Assert.That(first.ExitCode, Is.Zero, first.Error);
        Assert.That(again.ExitCode, Is.Zero, again.Error);
        Assert.That(again.Output, Is.EqualTo(first.Output));
        Assert.That(again.Error, Does.Contain("has finished already"));
        Assert.That(TinyRun.Bits(path), Is.EqualTo(before));
    }

    [Test]
    public void Resume_OtherTrainingImages_IsRefused()
    {
        using var folder = new TempFolder();
        var data = SmallData.Npz(folder, "data", SmallData.Images(seed: 1));
        var path = folder.File("run");
        string[] settings = ["dataset=npz", $"data={data}", "train-limit=64", "val-limit=20"];
        Trainer.Run(TinyRun.Options(path, settings), cancellation: new CancellationToken(canceled: true));
        SmallData.Npz(folder, "data", SmallData.Images(seed: 2));

        var error = Assert.Throws<CodatException>(() => Trainer.Resume(path, new ResumeOptions { Resume = path }));

        Assert.That(error!.Message, Does.Contain("other training images"));
    }

    private static void AssertFiniteState(string run)
    {
        var state = Path.Combine(run, "state", File.ReadAllText(Path.Combine(run, "state", "CURRENT")).Split(' ')[0]);
        using var tensors = SafeTensorsFile.Open(Path.Combine(state, "tensors.safetensors"));
        Assert.That(tensors.Read<float>("weights"), Has.All.Matches<float>(float.IsFinite));
        Assert.That(tensors.Read<float>("velocity"), Has.All.Matches<float>(float.IsFinite));
    }

    private static void AssertFinite(string weights, bool isOptional)
    {
        if (isOptional && !File.Exists(weights)) return;
        using var device = Device.Cpu();
        using var network = WeightFile.Load(weights, device).Network;
        Assert.That(network.Weights.ToArray<float>(), Has.All.Matches<float>(float.IsFinite));
    }
}
