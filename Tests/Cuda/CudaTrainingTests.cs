using System.Text.Json.Nodes;
using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Interop;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Whole runs on CUDA: exact resumes with pinned plans, results read late, what is said when capture fails.</summary>
[Category(CudaTestDevice.Category)]
internal sealed class CudaTrainingTests
{
    private static readonly string[] s_small =
        ["device=cuda", "batch=8", "train-limit=80", "val-limit=10", "test-limit=10", "steps=1", "val-attack=pgd-1", "test=pgd-1"];

    /// <summary>Memory for a small step and less than four times the training images.</summary>
    private const long NoRoomForImages = 11 << 20;

    [OneTimeSetUp]
    public void RequireCuda()
    {
        if (CudaTestDevice.WhyNot is { } reason) Assert.Ignore(reason);
    }

    [TestCase("mlp", "reproducible")]
    [TestCase("mlp", "strict")]
    [TestCase("small-cnn", "reproducible")]
    [TestCase("mlp", "strict", "objective=cfol", "set=rate=0.05")]
    [TestCase("mlp", "strict", "objective=cfa")]
    [TestCase("mlp", "strict", "eta=auto:noise")]
    [TestCase("mlp", "strict", "eta=auto:validation")]
    public void Resume_InMidEpoch_GivesTheSameBits(string model, string determinism, params string[] more)
    {
        using var folder = new TempFolder();
        string[] settings = [.. s_small, $"model={model}", $"determinism={determinism}", "log-steps=true", .. more];

        var whole = TinyRun.Train(folder, "whole", settings);
        // Every save reads the results, so that step 7 is heard of when it is made.
        Trainer.Run(TinyRun.Options(folder.File("pieces"), [.. settings, "save-every=0.000001s"]),
            cancellation: new CancellationToken(canceled: true));
        var pieces = TinyRun.ResumeInPieces(folder, "pieces", [7]);

        Assert.That(pieces, Is.EqualTo(whole));
    }

    [TestCase("effective")]
    [TestCase("noise")]
    [TestCase("noise", "risk=ema:0.5", "variance=debiased")]
    [TestCase("validation")]
    public void Train_RuleForTheRadius_ChoosesWhatItDoesOnTheProcessor(string rule, params string[] more)
    {
        using var folder = new TempFolder();
        string[] settings = [.. s_small, $"eta=auto:{rule}", "epochs=3", "lr=0.01", .. more];

        TinyRun.Train(folder, "cuda", settings);
        TinyRun.Train(folder, "cpu", [.. settings, "device=cpu"]);

        var (cuda, cpu) = (TinyRun.Metrics(folder.File("cuda")), TinyRun.Metrics(folder.File("cpu")));
        foreach (var key in new[] { "eta", "etaEff", "loss" })
        {
            var expected = cpu.Select(epoch => epoch[key]!.GetValue<double>()).ToArray();
            Assert.That(cuda.Select(epoch => epoch[key]!.GetValue<double>()), Is.EqualTo(expected).Within(0.1).Percent, key);
        }
    }

    [Test]
    public void Train_FastDeterminism_RunsAndResumes()
    {
        using var folder = new TempFolder();
        string[] settings = [.. s_small, "model=small-cnn", "determinism=fast"];
        Trainer.Run(TinyRun.Options(folder.File("run"), settings), cancellation: new CancellationToken(canceled: true));

        var result = Trainer.Resume(folder.File("run"), new ResumeOptions { Resume = folder.File("run") });

        Assert.That(result.Stopped, Is.EqualTo("done"));
    }

    [Test]
    public void Train_StrictWithTf32_IsRefused()
    {
        using var folder = new TempFolder();
        var options = TinyRun.Options(folder.File("run"), [.. s_small, "determinism=strict", "precision=tf32"]);

        var error = Assert.Throws<CodatException>(() => Trainer.Run(options));

        Assert.That(error!.Message, Does.Contain("strict determinism forbids tf32"));
        Assert.That(Directory.Exists(folder.File("run")), Is.False);
    }

    [Test]
    public void Train_ResultsReadAfterEveryStep_AreTheOnesReadLater()
    {
        using var folder = new TempFolder();
        string[] settings = [.. s_small, "log-steps=true", "risk=ema:0.9"];

        var late = TinyRun.Train(folder, "late", settings);
        // Every save reads what there is.
        var early = TinyRun.Train(folder, "early", [.. settings, "save-every=0.000001s"]);

        Assert.That(early, Is.EqualTo(late));
    }

    [Test]
    public void Train_LossNotFinite_NamesTheStepThatFailedAndNotTheReading()
    {
        using var folder = new TempFolder();

        var result = Trainer.Run(TinyRun.Options(folder.File("run"), [.. s_small, "lr=1e30", "schedule=constant", "log-steps=true"]));

        Assert.That(result.Stopped, Is.EqualTo("nan"));
        Assert.That(result.Failure!.Step, Is.InRange(2, TinyRun.StepsPerEpoch - 1));
        using var run = RunFolder.Open(folder.File("run"));
        Assert.That(new StateStore(run).Peek()!.Step, Is.LessThan(result.Failure.Step));
    }

    [Test]
    public void Resume_PlansOfAnotherVersion_AreRefusedUnlessNothingIsPromised()
    {
        using var folder = new TempFolder();
        var path = folder.File("run");
        Trainer.Run(TinyRun.Options(path, s_small), cancellation: new CancellationToken(canceled: true));
        PinnedPlans plans;
        using (var run = RunFolder.Open(path))
        {
            var store = new StateStore(run);
            var state = store.Peek()!; // just saved
            plans = store.ReadPlans(state)!; // a CUDA run has them
            plans.ChosenBy["cublasLt"] = "0.0";
            SaveAgain(store, state, plans);
        }
        using var device = CudaTestDevice.CreateDevice();

        var error = Assert.Throws<CodatException>(() => Trainer.Resume(path, new ResumeOptions { Resume = path }));

        Assert.That(plans.Matmuls, Is.Not.Empty);
        Assert.That(error!.Message, Does.Contain("same bits").And.Contain("cublasLt 0.0").And.Contain("--init"));
        Assert.That(plans.ApplyTo(device, DeterminismKind.Fast), Does.Contain("bits may differ"));
    }

    [Test]
    public void Resume_AlgorithmsOfTheSavedState_AreUsedAgain()
    {
        if (!SimulatedDriver.IsPresent) Assert.Ignore("a real library reads every byte of an algorithm");
        using var folder = new TempFolder();
        var path = folder.File("run");
        Trainer.Run(TinyRun.Options(path, s_small), cancellation: new CancellationToken(canceled: true));
        PinnedPlans plans;
        using (var run = RunFolder.Open(path))
        {
            var store = new StateStore(run);
            var state = store.Peek()!; // just saved
            plans = store.ReadPlans(state)!; // a CUDA run has them
            foreach (var (spec, algorithm) in plans.Matmuls.ToArray()) plans.Matmuls[spec] = Marked(algorithm);
            SaveAgain(store, state, plans);
        }

        Trainer.Resume(path, new ResumeOptions { Resume = path });

        using var resumed = RunFolder.Open(path);
        var last = new StateStore(resumed);
        var used = last.ReadPlans(last.Peek()!)!.Matmuls;
        Assert.That(plans.Matmuls, Is.Not.Empty);
        Assert.That(plans.Matmuls.Where(m => used.GetValueOrDefault(m.Key) != m.Value), Is.Empty, "chosen anew");
    }

    [TestCase("reproducible", false)]
    [TestCase("fast", true)]
    public void Resume_StateOfTheHostProcessor_IsRefusedUnlessNothingIsPromised(string determinism, bool goesOn)
    {
        using var folder = new TempFolder();
        var path = folder.File("run");
        using var cancel = new CancellationTokenSource();
        Trainer.Run(TinyRun.Options(path, [.. s_small, "device=cpu", $"determinism={determinism}"]),
            new Events { OnStep = made => { if (made.Step == 3) cancel.Cancel(); } }, cancel.Token);
        var cuda = TinyRun.Options(path, s_small);
        var notes = new List<string>();

        if (!goesOn)
        {
            var error = Assert.Throws<CodatException>(() => Trainer.Resume(path, cuda));
            Assert.That(error!.Message, Does.Contain("same bits").And.Contain("host processor").And.Contain("--init"));
            return;
        }
        Assert.That(Trainer.Resume(path, cuda, new Events { OnNote = notes.Add }).Stopped, Is.EqualTo("done"));
        Assert.That(notes, Has.Some.Contains("host processor"));
    }

    [Test]
    public void Resume_BeforeTheFirstStep_AnyDeviceMayBegin()
    {
        using var folder = new TempFolder();
        var path = folder.File("run");
        Trainer.Run(TinyRun.Options(path, [.. s_small, "device=cpu"]), cancellation: new CancellationToken(canceled: true));

        Assert.That(Trainer.Resume(path, TinyRun.Options(path, s_small)).Stopped, Is.EqualTo("done"));
    }

    [Test]
    public void Resume_PlansTampered_AreRefused()
    {
        using var folder = new TempFolder();
        var path = folder.File("run");
        Trainer.Run(TinyRun.Options(path, s_small), cancellation: new CancellationToken(canceled: true));
        var state = File.ReadAllText(Path.Combine(path, "state", "CURRENT")).Split(' ')[0];
        File.AppendAllText(Path.Combine(path, "state", state, PinnedPlans.FileName), " ");

        var error = Assert.Throws<CodatException>(() => Trainer.Resume(path, new ResumeOptions { Resume = path }));

        Assert.That(error!.Message, Does.Contain("damaged").And.Contain(PinnedPlans.FileName));
    }

    [Test]
    public void Train_CaptureFails_SaysSoOnceAndGivesTheSameBits()
    {
        if (!SimulatedDriver.IsPresent) Assert.Ignore("a real driver does not fail on demand");
        using var folder = new TempFolder();
        var captured = TinyRun.Train(folder, "captured", s_small);
        var notes = new List<string>();
        SimulatedDriver.SetFault("cuStreamBeginCapture_v2", 0, CUresult.CUDA_ERROR_NOT_SUPPORTED);
        try
        {
            Trainer.Run(TinyRun.Options(folder.File("eager"), s_small), new Events { OnNote = notes.Add });
        }
        finally
        {
            SimulatedDriver.ClearFaults();
        }

        Assert.That(notes, Has.Count.EqualTo(1));
        Assert.That(notes[0], Does.Contain("no CUDA graph").And.Contain("NOT_SUPPORTED"));
        Assert.That(TinyRun.Bits(folder.File("eager")), Is.EqualTo(captured));
        var manifest = JsonNode.Parse(File.ReadAllText(folder.File(Path.Combine("eager", "manifest.json"))))!;
        Assert.That(manifest["notes"]!.AsArray().Select(n => n!.GetValue<string>()), Does.Contain(notes[0]));
    }

    [TestCase(null, TestName = "Advance_ImagesOnTheDevice_UploadsAndLaunchesOnceAndWaitsForNothing")]
    [TestCase(NoRoomForImages, TestName = "Advance_ImagesOnTheHost_UploadsAndLaunchesOnceAndWaitsForNothing")]
    public void Advance_Captured_LaunchesOnce(long? limit)
    {
        if (!SimulatedDriver.IsPresent) Assert.Ignore("a real driver does not count calls");
        using var folder = new TempFolder();
        var options = TinyRun.Options(folder.File("run"), [.. s_small, "train-limit=320", "model=mlp"]);
        using var device = Limited(limit);
        using var session = new TrainingSession(options, TrainingData.Load(options), device);
        Assert.That(session.Step.Tensors.Layout.PixelBytes > 0, Is.EqualTo(limit is not null));
        for (var i = 0; i < 4; i++) session.Advance(CancellationToken.None);
        SimulatedDriver.Reset();

        for (var i = 0; i < 10; i++) session.Advance(CancellationToken.None);

        var calls = SimulatedDriver.Calls().ToDictionary(c => c.Symbol, c => c.Calls);
        Assert.That(calls["cuGraphLaunch"], Is.EqualTo(10));
        Assert.That(calls["cuMemcpyHtoDAsync_v2"], Is.EqualTo(10));
        Assert.That(calls.Keys, Has.None.EqualTo("cuStreamSynchronize").And.None.EqualTo("cuLaunchKernel")
            .And.None.EqualTo("cuMemcpyDtoHAsync_v2").And.None.EqualTo("cuMemAlloc_v2"));
    }

    [Test]
    public void Load_MoreThanOtherWritesWaitFor_WaitsForNothing()
    {
        if (!SimulatedDriver.IsPresent) Assert.Ignore("a real driver does not count calls");
        using var folder = new TempFolder();
        var options = TinyRun.Options(folder.File("run"), [.. s_small, "batch=1350", "train-limit=1350", "model=mlp"]);
        using var device = Limited(null);
        using var network = Network.Create(TrainingData.Load(options).NetworkSpec(), device, seed: 1);
        using var step = new StepProgram(network, TrainingSession.SpecOf(options));
        var slot = new BatchSlot(0, step.Tensors.Layout, new byte[step.Tensors.Layout.TotalBytes]);
        slot.Pixels[^1] = 200;
        slot.Labels[0] = 3;
        SimulatedDriver.Reset();

        for (var i = 0; i < 6; i++) step.Tensors.Load(slot, rate: 0.1 * i);

        var calls = SimulatedDriver.Calls().ToDictionary(c => c.Symbol, c => c.Calls);
        Assert.That(calls["cuMemcpyHtoDAsync_v2"], Is.EqualTo(6));
        Assert.That(calls.Keys, Has.None.EqualTo("cuStreamSynchronize"));
        Assert.That(step.Tensors.Pixels.ToArray<byte>()[^1], Is.EqualTo(200));
        Assert.That(step.Tensors.Labels.ToArray<int>()[0], Is.EqualTo(3));
        Assert.That(step.Tensors.LearningRate.ToArray<float>()[0], Is.EqualTo(0.5f));
    }

    [Test]
    public void Advance_ImagesOnTheDevice_GivesTheBitsOfImagesOnTheHost()
    {
        using var folder = new TempFolder();
        var options = TinyRun.Options(folder.File("run"), [.. s_small, "model=mlp", "augment=crop4+flip", "imbalance=exp:0.3"]);
        var data = TrainingData.Load(options);

        var here = Weights(null);
        var there = Weights(NoRoomForImages);

        Assert.That(here, Is.EqualTo(there));

        float[] Weights(long? limit)
        {
            using var device = Limited(limit);
            using var session = new TrainingSession(options, data, device);
            for (var i = 0; i < 6; i++) session.Advance(CancellationToken.None);
            return session.Network.Weights.ToArray<float>();
        }
    }

    /// <summary>The same algorithm, with a mark in a byte that the simulated library carries along.</summary>
    private static string Marked(string algorithm)
    {
        var bytes = Convert.FromBase64String(algorithm);
        bytes[^1] = 1;
        return Convert.ToBase64String(bytes);
    }

    private static CudaDevice Limited(long? bytes) => Device.Cuda(0, new CudaSessionOptions { MemoryLimitBytes = bytes });

    private static void SaveAgain(StateStore store, TrainingState state, PinnedPlans plans)
    {
        var (_, file) = store.Load(state.ConfigHash, state.DataHash!);
        using var tensors = file;
        store.Save(state,
        [
            ("weights", null, tensors.Read<float>("weights")), ("velocity", null, tensors.Read<float>("velocity")),
            ("risk-averages", tensors.Read<double>("risk-averages"), null), ("epoch", tensors.Read<double>("epoch"), null),
        ], plans);
    }
}
