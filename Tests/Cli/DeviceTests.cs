using Codat.Native.Interop;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary><c>--device</c> on a machine without CUDA.</summary>
internal sealed class DeviceTests
{
    private static readonly string[] s_profile =
        ["profile", "--model", "mlp", "--batch", "4", "--steps", "1", "--rounds", "1", "--threads", "1"];

    [OneTimeSetUp]
    public void RequireNoCuda()
    {
        if (CudaAvailability.Probe().IsAvailable) Assert.Ignore("CUDA can be used here");
    }

    [Test]
    public void Run_CudaWhereThereIsNone_SaysWhyAndWhatToDo()
    {
        CliRun run = CliRun.Invoke([.. s_profile, "--device", "cuda:1"]);

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Error, Does.Contain("CUDA cannot be used here (--device cuda:1)"));
        Assert.That(run.Error, Does.Contain("or use --device cpu"));
    }

    [TestCase("auto", true)]
    [TestCase("cpu", false)]
    public void Train_WithoutCuda_TakesTheProcessorAndSaysWhyIfItWasNotAskedTo(string device, bool says)
    {
        using var folder = new TempFolder();

        CliRun run = CliRun.Invoke(TinyRun.Arguments(folder.File("run"), "device=" + device, "max-steps=1"));

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Error, Does.Match("on cpu, "));
        Assert.That(run.Error.Split('\n').Count(line => line.StartsWith("no CUDA here (", StringComparison.Ordinal)),
            Is.EqualTo(says ? 1 : 0));
    }

    [TestCase("tf32")]
    [TestCase("bf16")]
    public void Train_LowPrecisionOnTheProcessor_IsRefusedBeforeAnythingIsWritten(string precision)
    {
        using var folder = new TempFolder();

        CliRun run = CliRun.Invoke(TinyRun.Arguments(folder.File("run"), "device=cpu", "precision=" + precision));

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Error, Does.Contain($"the processor computes in single precision only (--precision {precision})"));
        Assert.That(run.Error, Does.Contain("leave --precision out, or use a CUDA device"));
        Assert.That(Directory.Exists(folder.File("run")), Is.False);
    }
}
