using Codat.Native.Autograd;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>What follows a convolution is part of the library's launch where it has an engine for that, and a pass of ours where not.</summary>
[CudaFixture]
internal sealed class CudaConvFusionTests
{
    private static readonly Shape s_image = new(2, 6, 6, 8), s_weights = new(8, 3, 3, 8), s_channels = new(8);

    [Test]
    public void Forward_WithAnEpilogue_IsOneLaunchOfTheLibraryWhereItFuses(
        [Values(DType.Float32, DType.Float64)] DType type, [Values] bool bias, [Values] bool residual, [Values] bool relu)
    {
        var epilogue = new Epilogue(bias, residual, relu);
        var passes = epilogue.IsEmpty ? 0 : Passes(type);

        Check(type, passes, b =>
        {
            List<Node> inputs = [b.Input(s_image, 1), b.Input(s_weights, 2, 0.2)];
            if (bias) inputs.Add(b.Input(s_channels, 3));
            if (residual) inputs.Add(b.Input(s_image, 4));
            return b.Graph.Apply(new Conv2dOp(1, 1, 1, 1, epilogue), [.. inputs]);
        });
    }

    [TestCase(DType.Float32)]
    [TestCase(DType.Float64)]
    public void InputGradient_WithAMask_IsOneLaunchOfTheLibraryWhereItFuses(DType type) =>
        Check(type, Passes(type), b => b.Graph.Apply(new Conv2dInputGradOp(1, 1, 1, 1, 6, 6, new Epilogue(Mask: true)),
            b.Input(s_image, 1), b.Input(s_weights, 2, 0.2), b.Input(s_image, 3)));

    [Test]
    public void Attack_OfANetwork_HasNoPassBehindItsConvolutions()
    {
        if (!SimulatedDriver.IsPresent) Assert.Ignore("what a true library fuses is its own affair");

        var run = CliRun.Invoke(
            "profile", "--model", "small-cnn", "--batch", "2", "--steps", "1", "--rounds", "1", "--device", "cuda", "--threads", "1", "--json");

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        string?[] kernels = [.. run.Json.GetProperty("kernels").EnumerateArray().Select(k => k.GetProperty("kernel").GetString())];
        Assert.That(kernels, Does.Contain("cudnn Forward").And.Not.Contain("conv_epilogue"));
    }

    /// <summary>The simulated library fuses in single precision, and has no engine for that in double.</summary>
    private static int Passes(DType type) => type == DType.Float64 ? 1 : 0;

    private static void Check(DType type, int passes, Func<GraphBench, Node> build)
    {
        if (!SimulatedDriver.IsPresent) Assert.Ignore("what a true library fuses is its own affair");
        using var device = CudaTestDevice.CreateDevice();
        using var bench = new GraphBench(device, type);
        bench.Output(build(bench));
        using var program = bench.Compile();
        SimulatedDriver.Reset();

        program["main"].Run();

        var calls = SimulatedDriver.Calls().ToDictionary(c => c.Symbol, c => c.Calls);
        Assert.That(calls.GetValueOrDefault("cudnnBackendExecute"), Is.EqualTo(1), "convolutions");
        Assert.That(calls.GetValueOrDefault("cuLaunchKernel"), Is.EqualTo(passes), "passes of ours");
    }
}
