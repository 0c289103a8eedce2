using BenchmarkDotNet.Attributes;
using Codat.Native.Autograd;

namespace Codat.Native.Perf;

/// <summary>Passes over 128 images of 28 x 28 and 32 channels, where nothing fuses them into a convolution.</summary>
public class ElementwiseBenchmarks : OpBenchmark
{
    private const int Batch = 128, Size = 28, Channels = 32;

    /// <summary>The op.</summary>
    [Params("relu", "relu-gradient", "silu", "exp", "scale", "add", "multiply", "bias", "uniform", "normal")]
    public string Op { get; set; } = "";

    /// <summary>Compiles the op.</summary>
    [GlobalSetup]
    public void SetUp() => Compile(Op switch
    {
        "relu" => Graph.Relu(Images()),
        "relu-gradient" => Graph.Apply(new BinaryOp(BinaryKind.ReluGrad), Images(), Images()),
        "silu" => Graph.Silu(Images()),
        "exp" => Graph.Exp(Images()),
        "scale" => Graph.Scale(Images(), 0.5),
        "add" => Graph.Add(Images(), Images()),
        "multiply" => Graph.Multiply(Images(), Images()),
        "bias" => Graph.AddChannels(Images(), Input(Channels)),
        "uniform" => Draw(RandomKind.Uniform),
        "normal" => Draw(RandomKind.Normal),
        _ => throw new InvalidOperationException(Op),
    });

    /// <summary>One pass.</summary>
    [Benchmark]
    public void Pass() => Run();

    private Node Images() => Input(Batch, Size, Size, Channels);

    private Node Draw(RandomKind kind) => Graph.Apply(
        new RandomOp(kind, DType.Float32, new Shape(Batch, Size, Size, Channels), 1, RandomPurpose.AttackStart),
        Labels(Batch, Batch), Values<int>(DType.Int32, [0, 0], 2));
}
