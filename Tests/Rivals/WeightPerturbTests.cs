using Codat.Native.Autograd;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>AWP's perturbation of one weight tensor, on every device.</summary>
[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.All))]
internal sealed class WeightPerturbTests(TestDevice target)
{
    private const double Gamma = 0.03;

    [Test]
    public void Run_Weights_MoveAlongTheGradientByAShareOfTheirNorm(
        [Values(1, 7, 5003, 40_000)] int count, [Values(DType.Float32, DType.Float64)] DType type)
    {
        // A gradient whose squares single precision does not have.
        var (weights, gradient) = (TestValues.Normal(count, 1), TestValues.Normal(count, 2, 1e-25));

        var found = Run(type, weights, gradient);

        double Norm(double[] values) => Math.Sqrt(values.Sum(v => v * v));
        var moved = weights.Zip(gradient, (w, g) => w + Gamma * Norm(weights) * g / Norm(gradient)).ToArray();
        Expect.Close(found, moved, type == DType.Float32 ? 3e-7 : 1e-14, "weights");
        double[] step = [.. found.Zip(weights, (f, w) => f - w)];
        Assert.That(Norm(step), Is.EqualTo(Gamma * Norm(weights)).Within(1e-5 * Norm(weights)));
    }

    [Test]
    public void Run_NoGradientOrAFailedStep_LeavesTheWeights()
    {
        double[] weights = [1, -2, 3];

        Assert.That(Run(DType.Float32, weights, [0, 0, 0]), Is.EqualTo(weights));
        Assert.That(Run(DType.Float32, weights, [1, 1, 1], status: 2), Is.EqualTo(weights));
        Assert.That(Run(DType.Float32, weights, [1, 1, 1]), Is.Not.EqualTo(weights));
    }

    private double[] Run(DType type, double[] weights, double[] gradient, int status = 0)
    {
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var shape = new Shape(weights.Length);
        var tensor = bench.Tensor(shape, weights);
        bench.Graph.Apply(new WeightPerturbOp(Gamma), bench.Graph.Bind(tensor), bench.Input(shape, gradient),
            bench.Graph.Bind(bench.Status(status)));
        using var program = bench.Compile();
        program["main"].Run();
        return GraphBench.Read(tensor);
    }
}
