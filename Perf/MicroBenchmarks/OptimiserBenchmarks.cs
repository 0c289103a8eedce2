using BenchmarkDotNet.Attributes;
using Codat.Native.Autograd;

namespace Codat.Native.Perf;

/// <summary>What follows the gradients: the SGD step and the average of weights.</summary>
public class OptimiserBenchmarks : OpBenchmark
{
    /// <summary>Parameters: about those of small-cnn, of medium-cnn and of ResNet-18.</summary>
    [Params(100_000, 1_000_000, 11_173_962)]
    public int Parameters { get; set; }

    /// <summary>SGD with Nesterov momentum and weight decay.</summary>
    [GlobalSetup(Target = nameof(SgdStep))]
    public void SetUpSgdStep()
    {
        var rate = Values(DType.Float32, [1e-4f], 1);
        Graph.Apply(new SgdStepOp(Momentum: 0.9, WeightDecay: 5e-4, Nesterov: true), Input(Parameters),
            Input(Parameters), Input(Parameters), rate, Graph.Bind(Allocate(DType.Int32, 2)));
        Compile();
    }

    /// <summary>Exponential average of the weights.</summary>
    [GlobalSetup(Target = nameof(AverageStep))]
    public void SetUpAverageStep()
    {
        var status = Graph.Bind(Allocate(DType.Int32, 2));
        Graph.Apply(new AverageStepOp(Decay: 0.999), Input(Parameters), Input(Parameters), status);
        Compile();
    }

    /// <summary>SGD with Nesterov momentum and weight decay.</summary>
    [Benchmark]
    public void SgdStep() => Run();

    /// <summary>Exponential average of the weights.</summary>
    [Benchmark]
    public void AverageStep() => Run();
}
