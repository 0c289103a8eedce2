using Codat.Native.Autograd;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Compares gradients with central differences in double.</summary>
/// <remarks>
/// The scalar is a fixed random combination of the value's elements, summed outside the graph. A step of cbrt(eps) scaled
/// by the input's magnitude makes truncation and rounding errors about equal, near 1e-10 relative.
/// </remarks>
internal static class GradientCheck
{
    public const double Tolerance = 1e-6;

    // Above this many elements single differences would take too long; random directions see every element at once.
    private const int LargestFullJacobian = 150;
    private const int Directions = 6;

    private static readonly double s_step = Math.Cbrt(double.BitIncrement(1) - 1);

    /// <summary>Checks the gradient of <paramref name="value"/> with respect to each of <paramref name="wrt"/>, which are bound inputs.</summary>
    public static void Run(GraphBench bench, Node value, params Node[] wrt)
    {
        var failure = Find(bench, value, wrt);
        Assert.That(failure, Is.Null, failure);
    }

    /// <summary>Null if all is well, otherwise what is wrong.</summary>
    public static string? Find(GraphBench bench, Node value, params Node[] wrt)
    {
        var graph = bench.Graph;
        var weights = TestValues.Uniform(value.Shape.Count, 77, 0.5, 1.5);
        for (var i = 0; i < weights.Length; i += 2) weights[i] = -weights[i];
        var scalar = graph.SumAll(graph.Multiply(value, bench.Input(value.Shape, weights)));
        var gradients = graph.Gradients(scalar, wrt);
        var inputs = Array.ConvertAll(wrt, w => w.Data.Tensor!); // bound by contract
        using var forward = new ForwardOnly(bench, value);
        var analytic = bench.Run(null, gradients);

        var random = new Random(5);
        for (var i = 0; i < inputs.Length; i++)
        {
            Assert.That(gradients[i].Data.Type, Is.EqualTo(wrt[i].Data.Type));
            var failure = analytic[i].Length <= LargestFullJacobian
                ? Full(forward, inputs[i], analytic[i], weights)
                : Random(forward, inputs[i], analytic[i], weights, random);
            if (failure is not null) return $"input {i} {wrt[i]}: {failure}";
        }
        return null;
    }

    private static string? Full(ForwardOnly forward, Tensor input, double[] analytic, double[] weights)
    {
        var at = GraphBench.Read(input);
        var numeric = new double[at.Length];
        for (var e = 0; e < at.Length; e++)
        {
            var direction = new double[at.Length];
            direction[e] = 1;
            numeric[e] = Difference(forward, input, at, direction, s_step * Math.Max(1, Math.Abs(at[e])), weights);
        }
        var scale = 1e-3;
        foreach (var n in numeric) scale = Math.Max(scale, Math.Abs(n));
        for (var e = 0; e < at.Length; e++)
        {
            if (!(Math.Abs(numeric[e] - analytic[e]) <= Tolerance * scale))
                return $"element {e}: gradient {analytic[e]:R}, difference {numeric[e]:R}";
        }
        return null;
    }

    private static string? Random(ForwardOnly forward, Tensor input, double[] analytic, double[] weights, Random random)
    {
        var at = GraphBench.Read(input);
        for (var d = 0; d < Directions; d++)
        {
            var direction = new double[at.Length];
            double expected = 0, size = 0;
            for (var e = 0; e < at.Length; e++)
            {
                direction[e] = random.NextDouble() * 2 - 1;
                expected += direction[e] * analytic[e];
                size += direction[e] * direction[e] * analytic[e] * analytic[e];
            }
            var numeric = Difference(forward, input, at, direction, s_step, weights);
            if (!(Math.Abs(numeric - expected) <= Tolerance * Math.Max(1e-3, Math.Sqrt(size))))
                return $"direction {d}: gradient {expected:R}, difference {numeric:R}";
        }
        return null;
    }

    private static double Difference(ForwardOnly forward, Tensor input, double[] at, double[] direction, double step, double[] weights)
    {
        var moved = new double[at.Length];
        for (var i = 0; i < moved.Length; i++) moved[i] = at[i] + step * direction[i];
        var up = forward.Run(input, moved);
        for (var i = 0; i < moved.Length; i++) moved[i] = at[i] - step * direction[i];
        var down = forward.Run(input, moved);
        GraphBench.Write(input, at);
        double sum = 0;
        for (var i = 0; i < up.Length; i++) sum += weights[i] * (up[i] - down[i]);
        return sum / (2 * step);
    }

    /// <summary>The value alone, compiled once, without any pass that could hide an error.</summary>
    private sealed class ForwardOnly : IDisposable
    {
        private static readonly PlanOptions s_plain = new()
        {
            Reuse = false, FoldBatchNorm = false, FuseEpilogues = false, PackWeights = false, Hoist = false,
        };

        private readonly Tensor _output;
        private readonly PlanProgram _program;

        public ForwardOnly(GraphBench bench, Node value)
        {
            _output = bench.Output(value);
            _program = bench.Compile(s_plain);
        }

        public double[] Run(Tensor input, double[] values)
        {
            GraphBench.Write(input, values);
            _program["main"].Run();
            return GraphBench.Read(_output);
        }

        public void Dispose() => _program.Dispose();
    }
}
