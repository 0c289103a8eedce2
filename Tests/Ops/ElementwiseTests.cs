using Codat.Native.Autograd;
using NUnit.Framework;

namespace Codat.Native.Tests;

[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.All))]
internal sealed class ElementwiseTests(TestDevice target)
{
    // Transcendental functions of the vector library differ from the scalar ones by a few units in the last place.
    private const double FloatUlps = 1e-6;

    [Test]
    public void Unary_AgainstLoops_Agrees([Values(DType.Float32, DType.Float64)] DType type, [Values(1, 7, 4095, 4096, 9001)] int count)
    {
        (string Name, Func<GraphBuilder, Node, Node> Op, Func<double, double> Naive, bool Positive)[] ops =
        [
            ("Scale", (g, x) => g.Scale(x, -1.5), v => -1.5 * v, false), ("Offset", (g, x) => g.Offset(x, 0.25), v => v + 0.25, false),
            ("Clamp", (g, x) => g.Clamp(x, -0.5, 0.75), v => Math.Min(Math.Max(v, -0.5), 0.75), false),
            ("Relu", (g, x) => g.Relu(x), v => Math.Max(v, 0), false), ("Silu", (g, x) => g.Silu(x), v => v / (1 + Math.Exp(-v)), false),
            ("Sigmoid", (g, x) => g.Sigmoid(x), v => 1 / (1 + Math.Exp(-v)), false), ("Exp", (g, x) => g.Exp(x), Math.Exp, false),
            ("Log", (g, x) => g.Log(x), Math.Log, true), ("Sqrt", (g, x) => g.Sqrt(x), Math.Sqrt, true),
            ("Square", (g, x) => g.Square(x), v => v * v, false), ("Reciprocal", (g, x) => g.Reciprocal(x), v => 1 / v, true),
            ("Abs", (g, x) => g.Abs(x), Math.Abs, false), ("Sign", (g, x) => g.Sign(x), v => Math.Sign(v), false),
        ];
        using var device = target.Create();
        foreach (var (name, op, naive, positive) in ops)
        {
            using var bench = new GraphBench(device, type);
            var x = positive ? TestValues.Uniform(count, count, 0.1, 3) : TestValues.Normal(count, count);

            var y = bench.Run(op(bench.Graph, bench.Input(new Shape(count), x)));

            Expect.Close(y, NaiveOps.Map(x, naive), type == DType.Float32 ? FloatUlps : Expect.DoubleTolerance, name);
        }
    }

    [Test]
    public void Binary_AgainstLoops_Agrees([Values(DType.Float32, DType.Float64)] DType type, [Values] Broadcast spread,
        [Values(1, 3, 16, 37, 5000)] int channels)
    {
        using var device = target.Create();
        var shape = new Shape(11, 2, channels);
        (BinaryKind Kind, Func<double, double, double> Naive)[] ops =
        [
            (BinaryKind.Add, (a, b) => a + b), (BinaryKind.Subtract, (a, b) => a - b), (BinaryKind.Multiply, (a, b) => a * b),
            (BinaryKind.Divide, (a, b) => a / b),
        ];
        var small = spread switch
        {
            Broadcast.Scalar => new Shape(1), Broadcast.Channel => new Shape(channels), Broadcast.Row => new Shape(11), _ => shape,
        };
        var (x, y) = (TestValues.Normal(shape.Count, 1), TestValues.Uniform(small.Count, 2, 0.5, 2));
        var full = new double[x.Length];
        for (var i = 0; i < full.Length; i++)
            full[i] = y[spread switch { Broadcast.Scalar => 0, Broadcast.Channel => i % channels, Broadcast.Row => i / (2 * channels), _ => i }];
        foreach (var (kind, naive) in ops)
        {
            using var bench = new GraphBench(device, type);

            var z = bench.Run(bench.Graph.Apply(new BinaryOp(kind, Spread: spread), bench.Input(shape, x), bench.Input(small, y)));

            Expect.Close(z, NaiveOps.Zip(x, full, naive), type == DType.Float32 ? 1.2e-7 : 3e-16, $"{kind}");
        }
    }

    [Test]
    public void GradientMasks_AgainstLoops_Agree([Values(DType.Float32, DType.Float64)] DType type, [Values(5, 300, 9001)] int count)
    {
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var (dy, y) = (TestValues.Normal(count, 1), TestValues.Normal(count, 2));
        y[2] = 0;
        var (a, b) = (bench.Input(new Shape(count), dy), bench.Input(new Shape(count), y));

        var results = bench.Run(null, bench.Graph.Apply(new BinaryOp(BinaryKind.ReluGrad), a, b),
            bench.Graph.Apply(new BinaryOp(BinaryKind.ClampGrad, -0.5, 0.25), a, b), bench.Graph.Apply(new BinaryOp(BinaryKind.SiluGrad), a, b));

        Expect.SameBits(results[0], NaiveOps.Zip(dy, y, (d, v) => v > 0 ? d : 0));
        Expect.SameBits(results[1], NaiveOps.Zip(dy, y, (d, v) => v is > -0.5 and < 0.25 ? d : 0));
        Expect.Close(results[2], NaiveOps.Zip(dy, y, SiluGradient), type == DType.Float32 ? FloatUlps : Expect.DoubleTolerance);

        static double SiluGradient(double d, double v)
        {
            var s = 1 / (1 + Math.Exp(-v));
            return d * (s + v * s * (1 - s));
        }
    }

    [Test]
    public void Elements_AtAnyPlaceInAnyBatch_HaveTheSameBits([Values(DType.Float32, DType.Float64)] DType type,
        [Values(1, 2, 3, 5, 9, 4097, 4099, 8195)] int count)
    {
        const int Longest = 9000;
        var values = TestValues.Uniform(Longest, 1, 0.1, 3);
        using var device = target.Create();

        var whole = Run(values);
        var part = Run(values[..count]);

        for (var i = 0; i < whole.Length; i++) Expect.SameBits(part[i], whole[i][..count], $"function {i}");

        double[][] Run(double[] x)
        {
            using var bench = new GraphBench(device, type);
            var (g, node) = (bench.Graph, bench.Input(new Shape(x.Length), x));
            List<Node> functions = [];
            foreach (var kind in Enum.GetValues<UnaryKind>()) functions.Add(g.Apply(new UnaryOp(kind, 0.5, 1.5), node));
            functions.Add(g.Apply(new BinaryOp(BinaryKind.SiluGrad), node, node));
            return bench.Run(null, [.. functions]);
        }
    }

    [Test]
    public void Functions_OfNaN_StayNaN([Values(DType.Float32, DType.Float64)] DType type)
    {
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var g = bench.Graph;
        // Long enough for a vector and a rest.
        var values = new double[21];
        Array.Fill(values, double.NaN);
        var x = bench.Input(new Shape(values.Length), values);

        var results = bench.Run(null, g.Relu(x), g.Clamp(x, 0, 1), g.Silu(x), g.Abs(x), g.Sign(x), g.Square(x),
            g.MaxPool2d(g.Reshape(x, new Shape(1, 1, 1, 21)), 1));

        foreach (var result in results) Assert.That(result, Is.All.NaN);
    }

    [Test]
    public void Shapes_ThatDoNotFit_AreBothNamed()
    {
        using var bench = new GraphBench();
        var (x, y) = (bench.Input(new Shape(2, 3), 1), bench.Input(new Shape(3, 2), 2));
        var g = bench.Graph;

        Assert.That(() => g.Add(x, y), Throws.InstanceOf<ShapeException>().With.Message.Contains("[2,3]").And.Message.Contains("[3,2]"));
        Assert.That(() => g.MultiplyRows(x, bench.Input(new Shape(3), 1)),
            Throws.InstanceOf<ShapeException>().With.Message.Contains("[2,3]").And.Message.Contains("[3]"));
        Assert.That(() => g.AddChannels(x, bench.Input(new Shape(2), 1)),
            Throws.InstanceOf<ShapeException>().With.Message.Contains("[2,3]").And.Message.Contains("[2]"));
        Assert.That(() => g.MultiplyScalar(x, y), Throws.InstanceOf<ShapeException>().With.Message.Contains("[3,2]"));
        Assert.That(() => g.Relu(bench.Ints(1, 2)), Throws.InstanceOf<ShapeException>().With.Message.Contains("Int32"));
    }
}
