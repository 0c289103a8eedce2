using BenchmarkDotNet.Attributes;
using Codat.Native.Autograd;

namespace Codat.Native.Perf;

/// <summary>
/// Pooling of 128 images of 28 x 28 and 32 channels by two, and over whole 4 x 4 images of 512 channels.
/// </summary>
public class PoolingBenchmarks : OpBenchmark
{
    private const int Batch = 128, Size = 28, Channels = 32, DeepSize = 4, DeepChannels = 512;

    /// <summary>Maximum.</summary>
    [GlobalSetup(Target = nameof(Max))]
    public void SetUpMax() => Compile(Graph.MaxPool2d(Images(), 2));

    /// <summary>Gradient of the maximum.</summary>
    [GlobalSetup(Target = nameof(MaxGradient))]
    public void SetUpMaxGradient() => Compile(Graph.Apply(new MaxPool2dGradOp(2, 2, 0), Pooled(), Images()));

    /// <summary>Mean.</summary>
    [GlobalSetup(Target = nameof(Average))]
    public void SetUpAverage() => Compile(Graph.AvgPool2d(Images(), 2));

    /// <summary>Gradient of the mean.</summary>
    [GlobalSetup(Target = nameof(AverageGradient))]
    public void SetUpAverageGradient() =>
        Compile(Graph.Apply(new AvgPool2dGradOp(2, 2, 0, new Shape(Batch, Size, Size, Channels)), Pooled()));

    /// <summary>Mean over the image.</summary>
    [GlobalSetup(Target = nameof(Global))]
    public void SetUpGlobal() => Compile(Graph.GlobalAvgPool(Input(Batch, DeepSize, DeepSize, DeepChannels)));

    /// <summary>Gradient of the mean over the image.</summary>
    [GlobalSetup(Target = nameof(GlobalGradient))]
    public void SetUpGlobalGradient()
    {
        var to = new Shape(Batch, DeepSize, DeepSize, DeepChannels);
        Compile(Graph.Apply(new GlobalAvgPoolGradOp(to), Input(Batch, DeepChannels)));
    }

    /// <summary>Maximum.</summary>
    [Benchmark]
    public void Max() => Run();

    /// <summary>Gradient of the maximum.</summary>
    [Benchmark]
    public void MaxGradient() => Run();

    /// <summary>Mean.</summary>
    [Benchmark]
    public void Average() => Run();

    /// <summary>Gradient of the mean.</summary>
    [Benchmark]
    public void AverageGradient() => Run();

    /// <summary>Mean over the image.</summary>
    [Benchmark]
    public void Global() => Run();

    /// <summary>Gradient of the mean over the image.</summary>
    [Benchmark]
    public void GlobalGradient() => Run();

    private Node Images() => Input(Batch, Size, Size, Channels);

    private Node Pooled() => Input(Batch, Size / 2, Size / 2, Channels);
}
