using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>What a person is told where CUDA lacks something or fails: one line, the right exit code, and the processor where that was left open.</summary>
[CudaFixture]
internal sealed class CudaErrorTests
{
    private const string NoCuda = "error: CUDA cannot be used here (--device cuda); expected a CUDA device, found ";

    private static readonly string[] s_profile =
        ["profile", "--model", "small-cnn", "--batch", "4", "--steps", "1", "--rounds", "1", "--threads", "1"];

    /// <summary>What is missing; what is said with <c>--device cuda</c>; why, with <c>auto</c>.</summary>
    private static readonly TestCaseData[] s_missing =
    [
        Missing("driver", m => m.Without("libcuda."), "the CUDA driver was not found (native libraries); expected libcuda.so.1, found none in",
            "install the NVIDIA driver (525 or newer)", "the CUDA driver was not found"),
        Missing("new driver", m => m.Set("CODAT_SIM_DRIVER_VERSION", "11080"),
            "the NVIDIA driver is too old; expected CUDA 12.0 or newer, found CUDA 11.8", "update the driver", "the NVIDIA driver is too old"),
        Missing("device", m => m.Set("CODAT_SIM_DEVICES", "0"), "the CUDA driver shows no device", "CUDA_VISIBLE_DEVICES",
            "the CUDA driver shows no device"),
        Missing("working driver", m => m.Set("CODAT_SIM_FAIL", "cuInit:0:802"), "CUDA_ERROR_SYSTEM_NOT_READY (802)",
            "start the fabric manager", "cuInit(0) failed: CUDA_ERROR_SYSTEM_NOT_READY (802)"),
        Missing("cuDNN", m => m.Without("libcudnn"), "cuDNN 9 was not found", "pip install nvidia-cudnn-cu12", "cuDNN 9 was not found"),
        Missing("cuDNN 9", m => m.Set("CODAT_SIM_CUDNN_VERSION", "8907"), "found version 8.9.7, and 9 is needed", "pip install nvidia-cudnn-cu12",
            "cuDNN 9 cannot be used"),
        Missing("cuDNN for CUDA 12", m => m.Set("CODAT_SIM_CUDNN_CUDART", "13000"),
            "found built for CUDA 13, and CUDA 12 is in use: the two cannot be mixed", "pip install nvidia-cudnn-cu12", "cuDNN 9 cannot be used"),
        Missing("cuBLAS", m => m.Without("libcublas"), "cuBLASLt was not found", "pip install nvidia-cublas-cu12", "cuBLASLt was not found"),
        Missing("NVRTC and compiled kernels", m => m.Without("libnvrtc"), "NVRTC was not found", "pip install nvidia-cuda-nvrtc-cu12",
            "NVRTC was not found"),
    ];

    [TestCaseSource(nameof(s_missing))]
    public void Profile_SomethingMissing_SaysWhatAndWhatToDo(Action<SimulatedMachine> take, string found, string fix, string cause)
    {
        using var machine = new SimulatedMachine();
        take(machine);

        var asked = machine.Run([.. s_profile, "--device", "cuda"]);
        var left = machine.Run([.. s_profile, "--device", "auto", "--json"]);

        Assert.That(asked.ExitCode, Is.EqualTo(2));
        Assert.That(asked.ErrorLines, Has.Length.EqualTo(1));
        Assert.That(asked.Error, Does.StartWith(NoCuda).And.Contain(found).And.Contain(fix).And.Contain("or use --device cpu"));
        Assert.That(left.ExitCode, Is.Zero, left.Error);
        Assert.That(left.ErrorLines.Count(l => l.StartsWith("no CUDA here (", StringComparison.Ordinal)), Is.EqualTo(1), left.Error);
        Assert.That(left.ErrorLines[0], Does.StartWith($"no CUDA here ({cause}").And.EndWith("; codat info says more): using the processor"));
        Assert.That(left.Json.GetProperty("device").GetString(), Does.StartWith("cpu"));
    }

    [Test]
    public void Info_SomethingMissing_SaysWhyAndExitsWithZero()
    {
        using var machine = new SimulatedMachine();

        var run = machine.Set("CODAT_SIM_CUDNN_VERSION", "8907").Run("info");

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Output, Does.Match("cuda +cuDNN 9 cannot be used .*version 8.9.7, and 9 is needed"));
    }

    [Test]
    public void Profile_NoCompilerButCachedKernels_Works()
    {
        using var machine = new SimulatedMachine();
        Works(machine.Run([.. s_profile, "--device", "cuda", "--json"]));

        Works(machine.Without("libnvrtc").Run([.. s_profile, "--device", "cuda", "--json"]));
    }

    [Test]
    public void Profile_NoCompilerAndAKernelThatIsNotCached_NamesBothWaysOut()
    {
        using var machine = new SimulatedMachine();
        Works(machine.Run([.. s_profile, "--device", "cuda", "--json"]));

        var run = machine.Without("libnvrtc").Run("profile", "--model", "medium-cnn", "--objective", "trades", "--batch", "2", "--device", "cuda");

        Failed(run, "kernels cannot be compiled (NVRTC), found NVRTC was not found");
        Assert.That(run.Error, Does.Contain("install NVRTC 12 or newer, or use precompiled kernels (codat cache build)"));
    }

    [Test]
    public void Profile_CacheThatCannotBeWritten_WorksAndSaysSoOnce()
    {
        using var machine = new SimulatedMachine();
        System.IO.File.WriteAllText(machine.File("file"), "");

        var run = machine.Set("CODAT_CACHE_DIR", Path.Combine(machine.File("file"), "cache")).Run([.. s_profile, "--device", "cuda", "--json"]);

        Works(run);
        Assert.That(run.ErrorLines.Count(l => l.StartsWith("compiled kernels are not kept", StringComparison.Ordinal)), Is.EqualTo(1), run.Error);
        Assert.That(run.Error, Does.Contain("set CODAT_CACHE_DIR to a folder that can be written"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Profile_CubinsThatAreDamaged_AreCompiledAnew(bool isCutShort)
    {
        using var machine = new SimulatedMachine();
        Works(machine.Run([.. s_profile, "--device", "cuda", "--json"]));
        var cubins = Directory.GetFiles(machine.File("cache"), "*.cubin");
        Assert.That(cubins, Has.Length.GreaterThan(10));
        var whole = cubins.ToDictionary(c => c, System.IO.File.ReadAllBytes);
        foreach (var cubin in cubins)
            System.IO.File.WriteAllBytes(cubin, isCutShort ? whole[cubin][..(whole[cubin].Length / 2)] : new byte[whole[cubin].Length]);

        var run = machine.Run([.. s_profile, "--device", "cuda", "--json"]);

        Works(run);
        foreach (var cubin in cubins) Assert.That(System.IO.File.ReadAllBytes(cubin), Is.EqualTo(whole[cubin]), cubin);
    }

    [Test]
    public void Train_MoreMemoryThanTheDeviceHas_SaysHowMuchAndWhatToDo()
    {
        using var machine = new SimulatedMachine();

        var run = machine.Set("CODAT_SIM_MEMORY", "2000000").Run(TinyRun.Arguments(machine.File("run"), "device=cuda"));

        Failed(run, "out of device memory (cuda:0 Simulated device 0), found a request for ");
        Assert.That(run.Error, Does.Match("the device has [0-9,]+ of 2,000,000 bytes free; the pool has [0-9,]+ of [0-9,]+ bytes in use"));
        Assert.That(run.Error, Does.Contain("use a smaller batch (--batch) or network"));
        Assert.That(Directory.Exists(machine.File("run")), Is.False, "nothing was begun");
    }

    [Test]
    public void Train_FaultOnTheDeviceMidway_KeepsTheLastGoodStateAndResumesToTheSameBits()
    {
        using var machine = new SimulatedMachine();
        var whole = machine.Run(TinyRun.Arguments(machine.File("whole"), "device=cuda"));
        Assert.That(whole.ExitCode, Is.Zero, whole.Error);

        // A replayed step is one call: this one is in the second epoch.
        var faulted = machine.Set("CODAT_SIM_FAIL", "cuGraphLaunch:12:700").Run(TinyRun.Arguments(machine.File("run"), "device=cuda"));
        var resumed = machine.Set("CODAT_SIM_FAIL", "").Run("train", "--resume", machine.File("run"), "--device", "cuda");

        Failed(faulted, "CUDA_ERROR_ILLEGAL_ADDRESS (700)");
        Assert.That(faulted.Error, Does.Contain("start again (train --resume continues from the last saved state)"));
        Assert.That(resumed.ExitCode, Is.Zero, resumed.Error);
        Assert.That(TinyRun.Bits(machine.File("run")), Is.EqualTo(TinyRun.Bits(machine.File("whole"))));
    }

    [TestCase("709", "CUDA_ERROR_CONTEXT_IS_DESTROYED")]
    [TestCase("201", "CUDA_ERROR_INVALID_CONTEXT")]
    public void Profile_ContextDestroyedByItsOwner_SaysWhose(string status, string name)
    {
        using var machine = new SimulatedMachine();

        var run = machine.Set("CODAT_SIM_FAIL", $"cuCtxPushCurrent_v2:30:{status}").Run([.. s_profile, "--device", "cuda"]);

        Failed(run, name);
        Assert.That(run.Error, Does.Contain("the context's owner has destroyed it: keep it alive for as long as it is attached here"));
    }

    private static TestCaseData Missing(string what, Action<SimulatedMachine> take, string found, string fix, string cause) =>
        new TestCaseData(take, found, fix, cause).SetArgDisplayNames(what);

    private static void Works(CliRun run)
    {
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Json.GetProperty("device").GetString(), Does.StartWith("cuda"));
    }

    private static void Failed(CliRun run, string message)
    {
        Assert.That(run.ExitCode, Is.EqualTo(1), run.Error);
        Assert.That(run.ErrorLines.Count(l => l.StartsWith("error: ", StringComparison.Ordinal)), Is.EqualTo(1), run.Error);
        Assert.That(run.ErrorLines[^1], Does.StartWith("error: ").And.Contain(message));
        Assert.That(run.Error, Does.Not.Contain("   at "), "no stack");
    }
}
