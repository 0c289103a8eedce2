using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary><c>codat profile</c> on the processor: kernels that add up, and a timeline that can be read.</summary>
internal sealed class ProfileTests
{
    [TestCase("mlp", 1)]
    [TestCase("small-cnn", 1)]
    [TestCase("small-cnn", 2)]
    [TestCase("medium-cnn", 2)]
    public void Timeline_OfAStep_NestsAndNamesWhatRan(string model, int threads)
    {
        using var folder = new TempFolder();
        var path = folder.File("step.json");

        var json = Profile(model, threads, "--timeline", path).Json;

        var timeline = new TimelineFile(path);
        timeline.CheckNesting();
        timeline.CheckWithin("layers", "phases");
        timeline.CheckWithin("kernels", "layers");
        Assert.That(timeline["phases"].Select(s => s.Name), Is.EqualTo(new[] { "prepare", "attack", "update" }));
        Assert.That(timeline["layers"].Select(s => s.Name), Does.Contain("class-risk").And.Contain("pgd"));
        Assert.That(timeline.Tracks, Does.Contain("host thread 0"));
        var kernels = timeline.Tracks.Where(t => t.StartsWith("kernels", StringComparison.Ordinal)).SelectMany(t => timeline[t]).ToArray();
        Assert.That(kernels, Has.Length.EqualTo(json.GetProperty("launches").GetInt32()));
        Assert.That(kernels.Select(k => k.Name).Distinct().Order(StringComparer.Ordinal), Is.EqualTo(
            json.GetProperty("kernels").EnumerateArray().Select(k => k.GetProperty("kernel").GetString()).Order(StringComparer.Ordinal)));
        Assert.That(Directory.GetFiles(folder.Path), Has.Length.EqualTo(1), "nothing but the file");
    }

    [Test]
    public void Timeline_TwoThreads_HasBothThreadsWithinThePhases()
    {
        using var folder = new TempFolder();

        Profile("small-cnn", 2, "--timeline", folder.File("step.json"));

        var timeline = new TimelineFile(folder.File("step.json"));
        Assert.That(timeline["host thread 1"].Select(s => s.Name), Does.Contain("tiles"));
        timeline.CheckWithin("host thread 1", "phases");
    }

    [Test]
    public void Kernels_OfAStep_AddUpToTheLayers()
    {
        var json = Profile("small-cnn", 1).Json;

        var kernels = json.GetProperty("kernels").EnumerateArray().ToArray();
        var layers = json.GetProperty("layers").EnumerateArray().Sum(l => l.GetProperty("seconds").GetDouble());
        Assert.That(kernels.Sum(k => k.GetProperty("microseconds").GetDouble()), Is.EqualTo(layers * 1e6).Within(1e-6).Percent);
        Assert.That(kernels.Sum(k => k.GetProperty("share").GetDouble()), Is.EqualTo(1).Within(1e-9));
        Assert.That(kernels.Sum(k => k.GetProperty("calls").GetInt32()), Is.EqualTo(json.GetProperty("launches").GetInt32()));
        // Two images a step: one group of the attack, three steps of it.
        Assert.That(kernels.Single(k => k.GetProperty("kernel").GetString() == "PgdStep").GetProperty("calls").GetInt32(), Is.EqualTo(3));
    }

    [Test]
    public void Profile_AsText_EndsWithKernelsAndTheirNumber()
    {
        var text = CliRun.Invoke("profile", "--model", "mlp", "--batch", "2", "--steps", "3", "--rounds", "1", "--device", "cpu", "--threads", "1");

        Assert.That(text.Output, Does.Contain("kernel ").And.Contain("MatMul").And.Match("[0-9]+ kernel launches per step"));
    }

    [TestCase("no/such/folder/step.json", "the folder for the timeline is not there (--timeline")]
    [TestCase(".", "the timeline needs a file (--timeline")]
    public void Timeline_WhereNoFileCanBe_IsRefusedBeforeTheWork(string name, string message)
    {
        using var folder = new TempFolder();

        var run = CliRun.Invoke("profile", "--model", "mlp", "--device", "cpu", "--timeline", Path.Combine(folder.Path, name));

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1));
        Assert.That(run.Error, Does.Contain(message));
        Assert.That(Directory.GetFileSystemEntries(folder.Path), Is.Empty);
    }

    private static CliRun Profile(string model, int threads, params string[] more)
    {
        var run = CliRun.Invoke(["profile", "--model", model, "--batch", "2", "--steps", "3", "--rounds", "2", "--device", "cpu",
            "--threads", $"{threads}", "--json", .. more]);
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        return run;
    }
}
