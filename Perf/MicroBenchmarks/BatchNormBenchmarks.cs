using BenchmarkDotNet.Attributes;
using Codat.Native.Autograd;

namespace Codat.Native.Perf;

/// <summary>Batch norm at the widths of ResNet-18, batch 32.</summary>
public class BatchNormBenchmarks : OpBenchmark
{
    private const int Batch = 32;
    private const double Epsilon = 1e-5;

    /// <summary>Channels; the image is 2048 / channels wide and high.</summary>
    [Params(64, 128, 256, 512)]
    public int Channels { get; set; }

    /// <summary>Moments of the batch, then scale and shift.</summary>
    [GlobalSetup(Target = nameof(Train))]
    public void SetUpTrain()
    {
        var x = Images();
        Compile(Graph.BatchNorm(x, Graph.BatchMoments(x), Gamma(), Beta(), Epsilon));
    }

    /// <summary>Gradients of images, scale and shift.</summary>
    [GlobalSetup(Target = nameof(TrainGradient))]
    public void SetUpTrainGradient()
    {
        var (dy, x) = (Images(), Images());
        var moments = Values(DType.Float32, [.. Enumerable.Range(0, 2 * Channels).Select(i => i < Channels ? 0f : 1f)],
            2, Channels);
        var sums = Graph.Apply(new BatchNormSumsOp(Epsilon), dy, x, moments);
        Compile(sums, Graph.Apply(new BatchNormInputGradOp(Epsilon), dy, x, moments, Gamma(), sums));
    }

    /// <summary>Scale and shift that stay, as in an attack with running statistics.</summary>
    [GlobalSetup(Target = nameof(Eval))]
    public void SetUpEval() => Compile(Graph.ChannelAffine(Images(), Graph.Bind(Weight(2, Channels))));

    /// <summary>Moments of the batch, then scale and shift.</summary>
    [Benchmark]
    public void Train() => Run();

    /// <summary>Gradients of images, scale and shift.</summary>
    [Benchmark]
    public void TrainGradient() => Run();

    /// <summary>Scale and shift that stay.</summary>
    [Benchmark]
    public void Eval() => Run();

    private Node Images() => Input(Batch, 2048 / Channels, 2048 / Channels, Channels);

    private Node Gamma() => Graph.Bind(Weight(Channels));

    private Node Beta() => Graph.Bind(Weight(Channels));
}
