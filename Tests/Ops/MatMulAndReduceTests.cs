using Codat.Native.Autograd;
using NUnit.Framework;

namespace Codat.Native.Tests;

[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.All))]
internal sealed class MatMulAndReduceTests(TestDevice target)
{
    [Test]
    public void MatMul_AgainstLoops_Agrees([Values(DType.Float32, DType.Float64)] DType type, [Values] bool transposeA,
        [Values] bool transposeB, [Values("1,1,1", "3,5,7", "64,10,128", "17,33,300", "130,1,65")] string sizes)
    {
        var (m, n, k) = Parse(sizes);
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var (a, b) = (TestValues.Normal(m * k, 1), TestValues.Normal(k * n, 2));
        var na = bench.Input(transposeA ? new Shape(k, m) : new Shape(m, k), a);
        var nb = bench.Input(transposeB ? new Shape(n, k) : new Shape(k, n), b);

        var c = bench.Run(bench.Graph.MatMul(na, nb, transposeA, transposeB));

        Expect.Close(c, NaiveOps.MatMul(m, n, k, a, b, transposeA, transposeB), type);
    }

    [Test]
    public void MatMul_OfOneRow_HasTheBitsItHasInABatch([Values(DType.Float32, DType.Float64)] DType type, [Values(10, 33)] int n)
    {
        const int M = 37, K = 65;
        var (a, b) = (TestValues.Normal(M * K, 1), TestValues.Normal(n * K, 2));
        using var device = target.Create();

        var batch = Multiply(a, M);

        for (var row = 0; row < M; row++) Expect.SameBits(Multiply(a[(row * K)..((row + 1) * K)], 1), batch[(row * n)..((row + 1) * n)], $"row {row}");

        double[] Multiply(double[] rows, int count)
        {
            using var bench = new GraphBench(device, type);
            return bench.Run(bench.Graph.Linear(bench.Input(new Shape(count, K), rows), bench.Input(new Shape(n, K), b)));
        }
    }

    [Test]
    public void MatMul_Epilogues_AgreeWithLoops([Values(DType.Float32, DType.Float64)] DType type, [Values] bool bias, [Values] bool relu,
        [Values] bool mask)
    {
        const int M = 9, N = 21, K = 13;
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var (a, b) = (TestValues.Normal(M * K, 1), TestValues.Normal(K * N, 2));
        var (biases, masks) = (TestValues.Normal(N, 3), TestValues.Normal(M * N, 4));
        List<Node> inputs = [bench.Input(new Shape(M, K), a), bench.Input(new Shape(K, N), b)];
        if (bias) inputs.Add(bench.Input(new Shape(N), biases));
        if (mask) inputs.Add(bench.Input(new Shape(M, N), masks));

        var c = bench.Run(bench.Graph.Apply(new MatMulOp(false, false, bias, relu, mask), [.. inputs]));

        var expected = NaiveOps.MatMul(M, N, K, a, b, false, false);
        for (var i = 0; i < expected.Length; i++)
        {
            if (bias) expected[i] += biases[i % N];
            if (relu) expected[i] = Math.Max(0, expected[i]);
            if (mask && !(masks[i] > 0)) expected[i] = 0;
        }
        Expect.Close(c, expected, type);
    }

    [Test]
    public void Sums_AgainstLoops_Agree([Values(DType.Float32, DType.Float64)] DType type,
        [Values("1,1,1", "3,5,7", "7,700,9", "40,41,42", "2,1,9000")] string sizes)
    {
        var (n, h, c) = Parse(sizes);
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var values = TestValues.Normal(n * h * c, 1);
        var x = bench.Input(new Shape(n, h, c), values);
        var g = bench.Graph;

        var results = bench.Run(null, g.SumAll(x), g.SumPerRow(x), g.SumRows(x), g.Mean(x));

        var (all, rows, channels) = (0.0, new double[n], new double[c]);
        var size = 0.0;
        for (var i = 0; i < values.Length; i++)
        {
            all += values[i];
            rows[i / (h * c)] += values[i];
            channels[i % c] += values[i];
            size += Math.Abs(values[i]);
        }
        // Sums are made in double, so even a float sum is as good as one rounding.
        var tolerance = type == DType.Float32 ? 1e-7 : 1e-14;
        Assert.That(results[0][0], Is.EqualTo(all).Within(tolerance * size));
        Expect.Close(results[1], rows, 2 * tolerance);
        Expect.Close(results[2], channels, 2 * tolerance);
        Assert.That(results[3][0], Is.EqualTo(all / values.Length).Within(2 * tolerance * size / values.Length));
    }

    [Test]
    public void RowsAndSpreads_CopyExactly([Values(DType.Float32, DType.Float64)] DType type)
    {
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var x = bench.Input(new Shape(3, 2), [1, 2, 3, 4, 5, 6]);
        var g = bench.Graph;

        var results = bench.Run(null, g.Row(x, 1), g.Apply(new PlaceRowOp(2, new Shape(3, 2)), g.Row(x, 0)),
            g.Apply(new SpreadOp(ReduceKind.Channels, new Shape(2, 2)), g.Row(x, 1)),
            g.Apply(new SpreadOp(ReduceKind.Rows, new Shape(2, 2)), g.Row(x, 1)), g.Fill(type, new Shape(2), 0.5));

        Assert.That(results[0], Is.EqualTo(new double[] { 3, 4 }));
        Assert.That(results[1], Is.EqualTo(new double[] { 0, 0, 0, 0, 1, 2 }));
        Assert.That(results[2], Is.EqualTo(new double[] { 3, 4, 3, 4 }));
        Assert.That(results[3], Is.EqualTo(new double[] { 3, 3, 4, 4 }));
        Assert.That(results[4], Is.EqualTo(new double[] { 0.5, 0.5 }));
    }

    [Test]
    public void Shapes_ThatDoNotFit_AreBothNamed()
    {
        using var bench = new GraphBench();
        var g = bench.Graph;
        var x = bench.Input(new Shape(2, 3), 1);

        Assert.That(() => g.MatMul(x, bench.Input(new Shape(4, 5), 2)),
            Throws.InstanceOf<ShapeException>().With.Message.Contains("[2,3]").And.Message.Contains("[4,5]"));
        Assert.That(() => g.Reshape(x, new Shape(5)), Throws.InstanceOf<ShapeException>().With.Message.Contains("[2,3]").And.Message.Contains("[5]"));
        Assert.That(() => g.Row(x, 2), Throws.InstanceOf<ShapeException>().With.Message.Contains("[2,3]").And.Message.Contains("row 2"));
        Assert.That(() => g.Row(x, -1), Throws.InstanceOf<ShapeException>().With.Message.Contains("row -1"));
        Assert.That(() => g.Store(bench.Tensor(new Shape(5), new double[5]), x),
            Throws.InstanceOf<ShapeException>().With.Message.Contains("[2,3]").And.Message.Contains("[5]"));
    }

    private static (int, int, int) Parse(string sizes)
    {
        var parts = Array.ConvertAll(sizes.Split(','), s => int.Parse(s, System.Globalization.CultureInfo.InvariantCulture));
        return (parts[0], parts[1], parts[2]);
    }
}
