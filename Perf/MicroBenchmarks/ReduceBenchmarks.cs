using BenchmarkDotNet.Attributes;
using Codat.Native.Autograd;

namespace Codat.Native.Perf;

/// <summary>Sums over 128 images of 28 x 28 and 32 channels, and what turns logits into classes.</summary>
public class ReduceBenchmarks : OpBenchmark
{
    private const int Batch = 128, Size = 28, Channels = 32, Classes = 100;

    /// <summary>The op.</summary>
    [Params("all", "per-image", "per-channel", "argmax", "one-hot")]
    public string Op { get; set; } = "";

    /// <summary>Compiles the op.</summary>
    [GlobalSetup]
    public void SetUp() => Compile(Op switch
    {
        "all" => Graph.SumAll(Images()),
        "per-image" => Graph.SumPerRow(Images()),
        "per-channel" => Graph.SumRows(Images()),
        "argmax" => Graph.ArgMax(Input(Batch, Classes)),
        "one-hot" => Graph.OneHot(Labels(Batch, Classes), Classes, DType.Float32),
        _ => throw new InvalidOperationException(Op),
    });

    /// <summary>One reduction.</summary>
    [Benchmark]
    public void Reduce() => Run();

    private Node Images() => Input(Batch, Size, Size, Channels);
}
