using Codat.Native.Autograd;
using Codat.Native.Interop;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Whole runs with <c>--precision</c>, and which of them <c>--determinism</c> allows.</summary>
[CudaFixture]
internal sealed class PrecisionRunTests
{
    private static readonly string[] s_run =
        ["device=cuda", "model=small-cnn", "batch=8", "train-limit=64", "val-limit=16", "test-limit=16", "max-steps=6"];

    [Test]
    public void Train_InBf16AndResumed_GivesTheSameBitsAndWeightsInSinglePrecision()
    {
        using var folder = new TempFolder();

        var whole = TinyRun.Train(folder, "whole", [.. s_run, "precision=bf16"]);
        var pieces = TinyRun.TrainInPieces(folder, "pieces", [3], [.. s_run, "precision=bf16"]);
        var single = TinyRun.Train(folder, "single", s_run);

        Assert.That(pieces, Is.EqualTo(whole));
        Assert.That(single["last.safetensors"], Is.Not.EqualTo(whole["last.safetensors"]));
        using var file = SafeTensorsFile.Open(folder.File("whole/last.safetensors"));
        Assert.That(file.Tensors.Select(t => t.Type), Is.All.EqualTo(SafeTensorType.F32));
        Assert.That(File.ReadAllText(folder.File("whole/config.json")), Does.Contain("\"precision\": \"bf16\""));
        Assert.That(File.ReadAllText(folder.File("whole/manifest.json")), Does.Contain("\"precision\": \"bf16\""));
    }

    [TestCase(PrecisionKind.Tf32)]
    [TestCase(PrecisionKind.Bf16)]
    public void Score_OnADeviceThatTrainsInLowPrecision_IsInSinglePrecision(PrecisionKind precision)
    {
        using var cuda = DeviceCatalog.Open(Options, precision).Device;
        using var cpu = Device.Cpu(new CpuOptions { Threads = 1 });

        var (found, expected) = (Logits(cuda), Logits(cpu));

        for (var i = 0; i < expected.Length; i++) Assert.That(found[i], Is.EqualTo(expected[i]).Within(1e-5));
    }

    [Test]
    public void Open_Tf32WhenStrict_IsRefused()
    {
        var error = Assert.Throws<CodatException>(
            () => DeviceCatalog.Open(Options, PrecisionKind.Tf32, DeterminismKind.Strict).Device.Dispose());

        Assert.That(error!.Message, Does.Contain("strict determinism forbids tf32").And.Contain("--determinism reproducible"));
    }

    [TestCase(PrecisionKind.Fp32)]
    [TestCase(PrecisionKind.Bf16)]
    public void Open_WhatRoundsByRulesOfOursWhenStrict_IsAllowed(PrecisionKind precision)
    {
        using var device = DeviceCatalog.Open(Options, precision, DeterminismKind.Strict).Device;

        Assert.That(device, Is.InstanceOf<CudaDevice>());
    }

    private static float[] Logits(Device device)
    {
        using var network = Network.Create(new NetworkSpec("medium-cnn", 8, 8, 1, 10), device, seed: 1);
        using var program = new AttackProgram(network, null, batch: 4, seed: 1);
        program.Clean.CopyFrom<float>(Array.ConvertAll(TestValues.Uniform(program.Clean.Shape.Count, 1, 0, 1), v => (float)v));
        program.Score();
        return program.Logits.ToArray<float>();
    }

    private static CommonOptions Options => new ProfileOptions { Device = DeviceSpec.Parse("cuda", "device") };
}
