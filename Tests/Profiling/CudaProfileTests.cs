using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary><c>codat profile</c> on CUDA: single launches by name, a timeline, ranges for NVIDIA's profilers.</summary>
[CudaFixture]
internal sealed class CudaProfileTests
{
    private static readonly string[] s_profile =
        ["profile", "--model", "small-cnn", "--batch", "2", "--steps", "3", "--rounds", "1", "--device", "cuda", "--threads", "1", "--json"];

    [TearDown]
    public void SwitchOff() => ProfilerRange.IsEnabled = false;

    [Test]
    public void Kernels_OfAStep_AreTheLaunchesByName()
    {
        var json = Profile().Json;

        var kernels = json.GetProperty("kernels").EnumerateArray()
            .ToDictionary(k => k.GetProperty("kernel").GetString()!, k => k.GetProperty("calls").GetInt32());
        Assert.That(kernels["pgd_step_linf"], Is.EqualTo(3), "one for each step of the attack");
        Assert.That(kernels["cudnn Forward"], Is.EqualTo(2 * 4), "two convolutions, three steps and the update");
        Assert.That(kernels["cudnn BackwardFilter"], Is.EqualTo(3), "every convolution's weights, once");
        Assert.That(kernels["sgd_step"], Is.EqualTo(1));
        Assert.That(kernels, Does.ContainKey("cublasLt matmul"));
        // What an engine fuses needs no pass of ours; the simulated library fuses all that is asked for.
        if (SimulatedDriver.IsPresent) Assert.That(kernels.Keys, Has.None.StartsWith("conv_epilogue"));
        Assert.That(kernels.Values.Sum(), Is.EqualTo(json.GetProperty("launches").GetInt32()));
        Assert.That(json.GetProperty("graphNodes").GetInt32(), Is.GreaterThanOrEqualTo(kernels.Values.Sum()));
        var layers = json.GetProperty("layers").EnumerateArray().Sum(l => l.GetProperty("seconds").GetDouble());
        var sum = json.GetProperty("kernels").EnumerateArray().Sum(k => k.GetProperty("microseconds").GetDouble());
        Assert.That(sum, Is.EqualTo(layers * 1e6).Within(1e-6).Percent);
    }

    [Test]
    public void Phases_OfACapturedStep_AreTimedInsideTheGraph()
    {
        var (few, many) = (Phases("1"), Phases("12"));

        Assert.That(few.Values.Concat(many.Values), Is.All.Positive);
        Assert.That(many["attack"], Is.GreaterThan(2 * few["attack"]), "twelve times the iterations");
        Assert.That(many["attack"], Is.GreaterThan(many["prepare"]));

        static Dictionary<string, double> Phases(string steps) => CliRun.Invoke(
            [.. s_profile.Select((a, i) => i > 0 && s_profile[i - 1] == "--steps" ? steps : a)]).Json.GetProperty("phases").EnumerateObject().Where(p => p.Name != "data").ToDictionary(p => p.Name, p => p.Value.GetDouble());
    }

    [Test]
    public void Timeline_OfAStep_NestsAndHoldsEveryLaunch()
    {
        using var folder = new TempFolder();

        var json = Profile("--timeline", folder.File("step.json")).Json;

        var timeline = new TimelineFile(folder.File("step.json"));
        timeline.CheckNesting();
        timeline.CheckWithin("layers", "phases");
        timeline.CheckWithin("kernels", "layers");
        Assert.That(timeline["phases"].Select(s => s.Name), Is.EqualTo(new[] { "prepare", "attack", "update" }));
        Assert.That(timeline["kernels"], Has.Length.EqualTo(json.GetProperty("launches").GetInt32()));
        Assert.That(timeline["host thread 0 (enqueues)"].Select(s => s.Name), Does.Contain("update").And.Contain("pgd PgdStep"));
    }

    [Test]
    public void Ranges_Wanted_WrapEveryStepInItsPhase()
    {
        if (!SimulatedDriver.IsPresent) Assert.Ignore("only the simulated library remembers its ranges");
        SimulatedDriver.Reset();
        ProfilerRange.IsEnabled = true;
        _ = SimulatedDriver.Ranges();

        Profile();

        var ranges = SimulatedDriver.Ranges();
        Assert.That(ranges, Does.Contain("prepare").And.Contain("attack").And.Contain("update"));
        Assert.That(ranges, Does.Contain("\tpgd PgdStep").And.Contain("\toptimise SgdStep"));
        Assert.That(ranges[0], Is.EqualTo("prepare"));
        Assert.That(ranges.Count(r => r == "attack"), Is.EqualTo(3 * ranges.Count(r => r == "update")), "one for each step of the attack");
        Assert.That(SimulatedDriver.Problems(), Is.Empty, "every range has an end");
    }

    [Test]
    public void Ranges_NotWanted_AreNotMade()
    {
        if (!SimulatedDriver.IsPresent) Assert.Ignore("only the simulated library counts its calls");
        SimulatedDriver.Reset();

        Profile();

        Assert.That(SimulatedDriver.Calls().Select(c => c.Symbol), Has.None.StartsWith("nvtx"));
    }

    [Test]
    public void Profile_AtItsEnd_LeavesNothingAlive()
    {
        if (!SimulatedDriver.IsPresent) Assert.Ignore("only the simulated driver counts what is alive");
        SimulatedDriver.Reset();

        Profile();

        Assert.That(SimulatedDriver.Alive(), Is.Empty);
        Assert.That(SimulatedDriver.Problems(), Is.Empty);
    }

    private static CliRun Profile(params string[] more)
    {
        var run = CliRun.Invoke([.. s_profile, .. more]);
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        return run;
    }
}
