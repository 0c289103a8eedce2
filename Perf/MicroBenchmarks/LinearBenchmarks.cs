using BenchmarkDotNet.Attributes;
using Codat.Native.Autograd;

namespace Codat.Native.Perf;

/// <summary>The first linear layer of medium-cnn, 3136 to 128, for 128 images: its three products.</summary>
public class LinearBenchmarks : OpBenchmark
{
    private const int Batch = 128, In = 3136, Out = 128;

    /// <summary>Which product.</summary>
    [Params("forward", "input-gradient", "weight-gradient")]
    public string Pass { get; set; } = "";

    /// <summary>Compiles the product.</summary>
    [GlobalSetup]
    public void SetUp() => Compile(Pass switch
    {
        "forward" => Graph.Linear(Input(Batch, In), Graph.Bind(Weight(Out, In)), Graph.Bind(Weight(Out))),
        "input-gradient" => Graph.MatMul(Input(Batch, Out), Graph.Bind(Weight(Out, In))),
        "weight-gradient" => Graph.MatMul(Input(Batch, Out), Input(Batch, In), transposeA: true),
        _ => throw new InvalidOperationException(Pass),
    });

    /// <summary>One product.</summary>
    [Benchmark]
    public void Product() => Run();
}
