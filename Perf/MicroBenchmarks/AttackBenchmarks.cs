using BenchmarkDotNet.Attributes;
using Codat.Native.Autograd;
using Codat.Native.Robust;

namespace Codat.Native.Perf;

/// <summary>The parts of PGD that are not the network: the start and the step, for 32 x 32 colour images.</summary>
public class AttackBenchmarks : OpBenchmark
{
    private const int Batch = 128, Size = 32, Channels = 3;

    /// <summary>The ball: <c>linf</c> or <c>l2</c>.</summary>
    [Params("linf", "l2")]
    public string Ball { get; set; } = "linf";

    private Norm Norm => Ball == "linf" ? Norm.Linf : Norm.L2;

    private double Epsilon => Norm == Norm.Linf ? 8.0 / 255 : 0.5;

    /// <summary>Uniform start inside the ball.</summary>
    [GlobalSetup(Target = nameof(Start))]
    public void SetUpStart()
    {
        var op = new PgdStartOp(Norm, Epsilon, AttackStart.Uniform, Seed: 1, RandomPurpose.AttackStart);
        Compile(Graph.Apply(op, Images(), Labels(Batch, Batch), Labels(2, 2)));
    }

    /// <summary>One step, projected and clipped.</summary>
    [GlobalSetup(Target = nameof(Step))]
    public void SetUpStep()
    {
        Graph.Apply(new PgdStepOp(Norm, Epsilon, Epsilon / 4), Images(), Images(), Images());
        Compile();
    }

    /// <summary>Uniform start inside the ball.</summary>
    [Benchmark]
    public void Start() => Run();

    /// <summary>One step, projected and clipped.</summary>
    [Benchmark]
    public void Step() => Run();

    private Node Images() => Input(Batch, Size, Size, Channels);
}
