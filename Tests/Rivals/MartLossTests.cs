using Codat.Native.Autograd;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>MART's loss where a wrong class is nearly certain: its second logarithm magnifies what rounding took away.</summary>
internal sealed class MartLossTests
{
    private const int Rows = 7, Classes = 4;

    [Test]
    public void Build_RivalNearlyCertain_SinglePrecisionIsNearDouble()
    {
        var (single, exact) = (Values(DType.Float32), Values(DType.Float64));

        for (var i = 0; i < exact.Length; i++)
        {
            var scale = exact[i].Max(Math.Abs);
            Assert.That(single[i].Zip(exact[i], (s, e) => Math.Abs(s - e)).Max() / scale, Is.LessThan(3e-6), $"output {i}");
        }
    }

    /// <summary>A wrong class leads the others by 5, 7, ... 17.</summary>
    private static double[][] Values(DType type)
    {
        using var bench = new GraphBench(type);
        var far = new double[Rows * Classes];
        for (var row = 0; row < Rows; row++)
            for (var k = 0; k < Classes; k++) far[row * Classes + k] = (0.31f * ((row + k) % 3)) + (k == 1 ? 5 + (2 * row) : 0);
        var (clean, attacked) = (bench.Input(new Shape(Rows, Classes), seed: 3), bench.Input(new Shape(Rows, Classes), far));
        var labels = bench.Ints(0, 2, 3, 0, 2, 3, 0);
        var loss = MartLoss.Build(bench.Graph, clean, attacked, labels, 5, 0);
        return bench.Run(null, [loss, .. bench.Graph.Gradients(bench.Graph.SumAll(loss), clean, attacked)]);
    }
}
