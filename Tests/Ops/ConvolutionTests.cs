using Codat.Native.Autograd;
using NUnit.Framework;

namespace Codat.Native.Tests;

[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.All))]
internal sealed class ConvolutionTests(TestDevice target)
{
    public static IEnumerable<NaiveOps.Conv> Shapes()
    {
        yield return new(2, 8, 8, 1, 16, 3, 3, 1, 1, 1, 1);
        yield return new(2, 9, 7, 3, 20, 3, 3, 1, 1, 1, 1);
        yield return new(3, 6, 6, 16, 17, 3, 3, 1, 1, 1, 1);
        yield return new(2, 7, 5, 8, 8, 3, 3, 2, 2, 1, 1);
        yield return new(2, 8, 8, 12, 5, 1, 1, 1, 1, 0, 0);
        yield return new(2, 8, 8, 12, 35, 1, 1, 2, 2, 0, 0);
        yield return new(2, 9, 11, 4, 6, 5, 3, 1, 2, 2, 0);
        yield return new(1, 11, 11, 3, 8, 7, 7, 2, 2, 3, 3);
        yield return new(2, 5, 6, 2, 3, 2, 4, 3, 1, 0, 2);
        yield return new(5, 3, 3, 33, 64, 3, 3, 1, 1, 0, 0);
        yield return new(1, 1, 1, 7, 9, 3, 3, 1, 1, 1, 1);
        yield return new(2, 4, 4, 1, 1, 4, 4, 1, 1, 0, 0);
    }

    // One for each algorithm: few channels, Winograd, strided, 1x1.
    public static IEnumerable<NaiveOps.Conv> EpilogueShapes() => [Shapes().ElementAt(1), Shapes().ElementAt(2), Shapes().ElementAt(3), Shapes().ElementAt(5)];

    [Test]
    public void Passes_AgainstLoops_Agree([Values(DType.Float32, DType.Float64)] DType type,
        [ValueSource(nameof(Shapes))] NaiveOps.Conv s, [Values] bool packed)
    {
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var x = TestValues.Normal(s.N * s.H * s.W * s.C, 1);
        var w = TestValues.Normal(s.K * s.R * s.S * s.C, 2);
        var dy = TestValues.Normal(s.N * s.OH * s.OW * s.K, 3);
        var (nx, nw) = (bench.Input(new Shape(s.N, s.H, s.W, s.C), x), bench.Input(new Shape(s.K, s.R, s.S, s.C), w));
        var nd = bench.Input(new Shape(s.N, s.OH, s.OW, s.K), dy);
        var g = bench.Graph;

        var results = bench.Run(new PlanOptions { PackWeights = packed },
            g.Apply(new Conv2dOp(s.StrideH, s.StrideW, s.PadH, s.PadW), nx, nw),
            g.Apply(new Conv2dInputGradOp(s.StrideH, s.StrideW, s.PadH, s.PadW, s.H, s.W), nd, nw),
            g.Apply(new Conv2dWeightGradOp(s.StrideH, s.StrideW, s.PadH, s.PadW, s.R, s.S), nx, nd));

        Expect.Close(results[0], NaiveOps.Conv2d(s, x, w), type, "forward");
        Expect.Close(results[1], NaiveOps.ConvInputGradient(s, dy, w), type, "input gradient");
        Expect.Close(results[2], NaiveOps.ConvWeightGradient(s, x, dy), type, "weight gradient");
    }

    [Test]
    public void Epilogues_AgainstLoops_Agree([Values(DType.Float32, DType.Float64)] DType type,
        [ValueSource(nameof(EpilogueShapes))] NaiveOps.Conv s, [Range(0, 15)] int which)
    {
        var epilogue = new Epilogue((which & 1) != 0, (which & 2) != 0, (which & 4) != 0, (which & 8) != 0);
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var w = TestValues.Normal(s.K * s.R * s.S * s.C, 2);
        var nw = bench.Input(new Shape(s.K, s.R, s.S, s.C), w);
        var yShape = new Shape(s.N, s.OH, s.OW, s.K);
        var x = TestValues.Normal(s.N * s.H * s.W * s.C, 1);
        var forward = NaiveOps.Conv2d(s, x, w);
        var conv = new Conv2dOp(s.StrideH, s.StrideW, s.PadH, s.PadW, epilogue);

        var y = bench.Run(bench.Graph.Apply(conv, Inputs(bench, bench.Input(new Shape(s.N, s.H, s.W, s.C), x), nw, epilogue, yShape)));

        Expect.Close(y, After(forward, epilogue, s.K), type);
        if (epilogue.Bias || epilogue.Relu) return;
        var dxShape = new Shape(s.N, s.H, s.W, s.C);
        var dy = TestValues.Normal(yShape.Count, 3);
        var backward = new Conv2dInputGradOp(s.StrideH, s.StrideW, s.PadH, s.PadW, s.H, s.W, epilogue);

        var dx = bench.Run(bench.Graph.Apply(backward, Inputs(bench, bench.Input(yShape, dy), nw, epilogue, dxShape)));

        Expect.Close(dx, After(NaiveOps.ConvInputGradient(s, dy, w), epilogue, s.C), type);
    }

    [Test]
    public void Shapes_ThatDoNotFit_AreBothNamed()
    {
        using var bench = new GraphBench();
        var x = bench.Input(new Shape(2, 4, 4, 3), 1);
        var g = bench.Graph;

        Assert.That(() => g.Conv2d(x, bench.Input(new Shape(8, 3, 3, 5), 2)),
            Throws.InstanceOf<ShapeException>().With.Message.Contains("[2,4,4,3]").And.Message.Contains("[8,3,3,5]"));
        Assert.That(() => g.Conv2d(x, bench.Input(new Shape(8, 7, 7, 3), 2)),
            Throws.InstanceOf<ShapeException>().With.Message.Contains("7x7").And.Message.Contains("4x4"));
        // With a stride the number of outputs rounds up to one: the sizes decide.
        Assert.That(() => g.Conv2d(x, bench.Input(new Shape(8, 7, 7, 3), 2), stride: 4),
            Throws.InstanceOf<ShapeException>().With.Message.Contains("7x7").And.Message.Contains("4x4"));
        Assert.That(() => g.Conv2d(x, bench.Input(new Shape(8, 1, 1, 3), 2), stride: 0), Throws.InstanceOf<ShapeException>());
        Assert.That(() => g.Conv2d(bench.Input(new Shape(2, 3), 1), bench.Input(new Shape(8, 3, 3, 3), 2)),
            Throws.InstanceOf<ShapeException>().With.Message.Contains("[2,3]").And.Message.Contains("[8,3,3,3]"));
    }

    private static Node[] Inputs(GraphBench bench, Node x, Node w, Epilogue epilogue, Shape output)
    {
        List<Node> inputs = [x, w];
        if (epilogue.Bias) inputs.Add(bench.Input(new Shape(output.Channels), 11));
        if (epilogue.Residual) inputs.Add(bench.Input(output, 12));
        if (epilogue.Mask) inputs.Add(bench.Input(output, 13));
        return [.. inputs];
    }

    private static double[] After(double[] y, Epilogue epilogue, int channels)
    {
        var bias = TestValues.Normal(channels, 11);
        var (residual, mask) = (TestValues.Normal(y.Length, 12), TestValues.Normal(y.Length, 13));
        var z = new double[y.Length];
        for (var i = 0; i < y.Length; i++)
        {
            z[i] = y[i] + (epilogue.Bias ? bias[i % channels] : 0) + (epilogue.Residual ? residual[i] : 0);
            if (epilogue.Relu) z[i] = Math.Max(z[i], 0);
            if (epilogue.Mask && !(mask[i] > 0)) z[i] = 0;
        }
        return z;
    }
}
