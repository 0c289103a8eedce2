using BenchmarkDotNet.Attributes;
using Codat.Native.Autograd;
using Codat.Native.Autograd.Cpu;

namespace Codat.Native.Perf;

/// <summary>The three convolutions of a training step, at every layer of the reference networks.</summary>
public class ConvolutionBenchmarks : OpBenchmark
{
    /// <summary>A layer of a reference network.</summary>
    [ParamsSource(nameof(Layers))]
    public string Layer { get; set; } = "";

    /// <summary>The layers' names.</summary>
    public static IEnumerable<string> Layers => ReferenceLayers.All.Select(l => l.Name);

    /// <summary>Forward.</summary>
    [GlobalSetup(Target = nameof(Forward))]
    public void SetUpForward()
    {
        var (n, s) = Find();
        Compile(Graph.Apply(
            new Conv2dOp(s.StrideH, s.StrideW, s.PadH, s.PadW), Images(n, s), Graph.Bind(Filters(s))));
    }

    /// <summary>Gradient of the images.</summary>
    [GlobalSetup(Target = nameof(InputGradient))]
    public void SetUpInputGradient()
    {
        var (n, s) = Find();
        var op = new Conv2dInputGradOp(s.StrideH, s.StrideW, s.PadH, s.PadW, s.Height, s.Width);
        Compile(Graph.Apply(op, Outputs(n, s), Graph.Bind(Filters(s))));
    }

    /// <summary>Gradient of the filters.</summary>
    [GlobalSetup(Target = nameof(WeightGradient))]
    public void SetUpWeightGradient()
    {
        var (n, s) = Find();
        var op = new Conv2dWeightGradOp(s.StrideH, s.StrideW, s.PadH, s.PadW, s.KernelHeight, s.KernelWidth);
        Compile(Graph.Apply(op, Images(n, s), Outputs(n, s)));
    }

    /// <summary>Forward.</summary>
    [Benchmark]
    public void Forward() => Run();

    /// <summary>Gradient of the images.</summary>
    [Benchmark]
    public void InputGradient() => Run();

    /// <summary>Gradient of the filters.</summary>
    [Benchmark]
    public void WeightGradient() => Run();

    private (int Batch, ConvShape Shape) Find()
    {
        var layer = ReferenceLayers.All.Single(l => l.Name == Layer);
        return (layer.Batch, layer.Shape);
    }

    private Node Images(int n, ConvShape s) => Input(n, s.Height, s.Width, s.InChannels);

    private Node Outputs(int n, ConvShape s) => Input(n, s.OutHeight, s.OutWidth, s.OutChannels);

    private Tensor Filters(ConvShape s) => Weight(s.OutChannels, s.KernelHeight, s.KernelWidth, s.InChannels);
}
