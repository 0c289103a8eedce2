using Codat.Native.Autograd;
using NUnit.Framework;

namespace Codat.Native.Tests;

[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.All))]
internal sealed class NormAndPoolTests(TestDevice target)
{
    [Test]
    public void BatchNorm_AgainstLoops_Agrees([Values(DType.Float32, DType.Float64)] DType type, [Values(1, 3, 16, 37)] int channels,
        [Values(1, 5, 900)] int rows)
    {
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var g = bench.Graph;
        var x = TestValues.Normal(rows * 2 * channels, 1, 3);
        for (var i = 0; i < x.Length; i++) x[i] = (float)(x[i] + 5 + i % channels);
        var (gamma, beta) = (TestValues.Normal(channels, 2), TestValues.Normal(channels, 3));
        var nx = bench.Input(new Shape(rows, 2, channels), x);
        var (ng, nb) = (bench.Input(new Shape(channels), gamma), bench.Input(new Shape(channels), beta));
        var running = TestValues.Uniform(2 * channels, 4, 0.5, 2);

        var results = bench.Run(null, g.BatchMoments(nx), g.BatchNorm(nx, g.BatchMoments(nx), ng, nb, 0.01),
            g.BatchNormEval(nx, bench.Input(new Shape(2, channels), running), ng, nb, 0.02));

        var moments = NaiveOps.Moments(x, channels);
        Expect.Close(results[0], moments, type == DType.Float32 ? 1e-5 : 1e-13, "moments");
        Expect.Close(results[1], NaiveOps.BatchNorm(x, moments, gamma, beta, 0.01), type == DType.Float32 ? 1e-5 : 1e-13, "train");
        Expect.Close(results[2], NaiveOps.BatchNorm(x, running, gamma, beta, 0.02), type == DType.Float32 ? 2e-6 : 1e-14, "eval");
    }

    [Test]
    public void BatchMoments_LargeMeanSmallDeviation_KeepsTheVariance([Values(DType.Float32, DType.Float64)] DType type)
    {
        // A sum of squares would lose this variance altogether: 1e8 against 1.
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var x = TestValues.Normal(4000, 1);
        for (var i = 0; i < x.Length; i++) x[i] = (float)(x[i] + 10000);

        var moments = bench.Run(bench.Graph.BatchMoments(bench.Input(new Shape(1000, 4), x)));

        var expected = NaiveOps.Moments(x, 4);
        for (var c = 0; c < 4; c++) Assert.That(moments[4 + c], Is.EqualTo(expected[4 + c]).Within(1e-5 * expected[4 + c]));
    }

    [Test]
    public void BatchMoments_ConstantChannel_HasNoVariance([Values(DType.Float32, DType.Float64)] DType type)
    {
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var x = new double[300];
        Array.Fill(x, (float)0.1);

        var moments = bench.Run(bench.Graph.BatchMoments(bench.Input(new Shape(100, 3), x)));

        Assert.That(moments, Is.EqualTo(new double[] { (float)0.1, (float)0.1, (float)0.1, 0, 0, 0 }));
    }

    [Test]
    public void UpdateRunningMoments_UnlessStatusIsSet_FollowsPyTorchsRule([Values(DType.Float32, DType.Float64)] DType type,
        [Values(0, 3)] int status, [Values(1L, 50L)] long rows)
    {
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var running = bench.Tensor(new Shape(2, 2), [1, 2, 3, 4]);
        bench.Graph.UpdateRunningMoments(running, bench.Input(new Shape(2, 2), [5, 6, 7, 8]), rows, bench.Status(status), 0.25);
        using var program = bench.Compile();

        program["main"].Run();

        var unbias = rows > 1 ? rows / (rows - 1.0) : 1;
        double[] expected = status != 0 ? [1, 2, 3, 4] : [2, 3, 0.75 * 3 + 0.25 * 7 * unbias, 0.75 * 4 + 0.25 * 8 * unbias];
        Expect.Close(GraphBench.Read(running), expected, type == DType.Float32 ? 1e-7 : 1e-15);
    }

    [Test]
    public void ChannelAffine_Variants_AgreeWithLoops([Values(DType.Float32, DType.Float64)] DType type, [Values] bool residual,
        [Values] bool relu, [Values(1, 19)] int channels)
    {
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var shape = new Shape(3, 4, channels);
        var (x, r, affine) = (TestValues.Normal(shape.Count, 1), TestValues.Normal(shape.Count, 2), TestValues.Normal(2 * channels, 3));
        List<Node> inputs = [bench.Input(shape, x), bench.Input(new Shape(2, channels), affine)];
        if (residual) inputs.Add(bench.Input(shape, r));
        var dy = inputs[0];

        var y = bench.Run(bench.Graph.Apply(new ChannelAffineOp(residual, relu), [.. inputs]));
        var masked = bench.Run(bench.Graph.Apply(new ChannelScaleOp(Mask: true), dy, inputs[1], bench.Input(shape, r)));

        var expected = new double[x.Length];
        for (var i = 0; i < x.Length; i++)
        {
            expected[i] = x[i] * affine[i % channels] + affine[channels + i % channels] + (residual ? r[i] : 0);
            if (relu) expected[i] = Math.Max(0, expected[i]);
        }
        Expect.Close(y, expected, type == DType.Float32 ? 3e-7 : 1e-15);
        for (var i = 0; i < x.Length; i++) expected[i] = r[i] > 0 ? x[i] * affine[i % channels] : 0;
        Expect.Close(masked, expected, type == DType.Float32 ? 1e-7 : 1e-15);
    }

    [Test]
    public void BatchNorm_FusedVariants_AgreeWithLoops([Values(DType.Float32, DType.Float64)] DType type, [Values] bool residual, [Values] bool relu)
    {
        const int C = 19;
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var shape = new Shape(3, 4, C);
        var (x, r) = (TestValues.Normal(shape.Count, 1), TestValues.Normal(shape.Count, 2));
        var (gamma, beta, moments) = (TestValues.Normal(C, 3), TestValues.Normal(C, 4), TestValues.Uniform(2 * C, 5, 0.5, 2));
        List<Node> inputs =
        [
            bench.Input(shape, x), bench.Input(new Shape(2, C), moments), bench.Input(new Shape(C), gamma), bench.Input(new Shape(C), beta),
        ];
        if (residual) inputs.Add(bench.Input(shape, r));

        var y = bench.Run(bench.Graph.Apply(new BatchNormOp(0.01, residual, relu), [.. inputs]));

        var expected = NaiveOps.BatchNorm(x, moments, gamma, beta, 0.01);
        for (var i = 0; i < x.Length; i++)
        {
            if (residual) expected[i] += r[i];
            if (relu) expected[i] = Math.Max(0, expected[i]);
        }
        Expect.Close(y, expected, type == DType.Float32 ? 1e-6 : 1e-14);
    }

    [Test]
    public void Pools_AgainstLoops_Agree([Values(DType.Float32, DType.Float64)] DType type,
        [Values("2,2,0", "3,2,1", "3,1,1", "2,1,1", "3,3,0", "1,2,0", "5,2,2")] string window, [Values(1, 9, 32)] int channels,
        [Values("8,8", "7,9", "5,6")] string image)
    {
        var (size, stride, padding) = (window[0] - '0', window[2] - '0', window[4] - '0');
        var (h, w) = (image[0] - '0', image[2] - '0');
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var x = TestValues.Normal(3 * h * w * channels, 1);
        // All below zero in one image: padding must not win a maximum.
        for (var i = 0; i < h * w * channels; i++) x[i] = -Math.Abs(x[i]);
        var nx = bench.Input(new Shape(3, h, w, channels), x);

        var results = bench.Run(null, bench.Graph.MaxPool2d(nx, size, stride, padding), bench.Graph.AvgPool2d(nx, size, stride, padding));

        Expect.SameBits(results[0], NaiveOps.Pool(x, true, (3, h, w, channels), size, stride, padding));
        Expect.Close(results[1], NaiveOps.Pool(x, false, (3, h, w, channels), size, stride, padding), type == DType.Float32 ? 1e-6 : 1e-15);
    }

    [Test]
    public void MaxPool_NaNAnywhereInAWindow_IsNaN([Values(DType.Float32, DType.Float64)] DType type, [Values(0, 1, 2, 3)] int place,
        [Values(1, 21)] int channels)
    {
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var x = TestValues.Normal(4 * channels, 1);
        for (var c = 0; c < channels; c++) x[place * channels + c] = double.NaN;

        var y = bench.Run(bench.Graph.MaxPool2d(bench.Input(new Shape(1, 2, 2, channels), x), 2));

        Assert.That(y, Is.All.NaN);
    }

    [Test]
    public void GlobalAvgPool_AgainstLoops_Agrees([Values(DType.Float32, DType.Float64)] DType type, [Values(1, 9, 32)] int channels)
    {
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var x = TestValues.Normal(3 * 4 * 5 * channels, 1);

        var y = bench.Run(bench.Graph.GlobalAvgPool(bench.Input(new Shape(3, 4, 5, channels), x)));

        var expected = new double[3 * channels];
        for (var i = 0; i < x.Length; i++) expected[i / (20 * channels) * channels + i % channels] += x[i] / 20;
        Expect.Close(y, expected, type == DType.Float32 ? 1e-6 : 1e-15);
    }

    [Test]
    public void Shapes_ThatDoNotFit_AreNamed()
    {
        using var bench = new GraphBench();
        using var other = new GraphBench(bench.Device, DType.Float32);
        var g = bench.Graph;
        var x = bench.Input(new Shape(2, 4, 4, 3), 1);
        var (gamma, wrong) = (bench.Input(new Shape(3), 1), bench.Input(new Shape(4), 1));
        var single = g.Bind(other.Tensor(new Shape(3), [1, 1, 1]));

        Assert.That(() => g.BatchNorm(x, g.BatchMoments(x), gamma, wrong),
            Throws.InstanceOf<ShapeException>().With.Message.Contains("[2,4,4,3]").And.Message.Contains("[4]"));
        Assert.That(() => g.BatchNorm(x, g.BatchMoments(x), single, gamma), Throws.InstanceOf<ShapeException>().With.Message.Contains("Float32"));
        Assert.That(() => g.BatchNormEval(x, g.BatchMoments(x), gamma, wrong),
            Throws.InstanceOf<ShapeException>().With.Message.Contains("[3]").And.Message.Contains("[4]"));
        Assert.That(() => g.MaxPool2d(x, 5), Throws.InstanceOf<ShapeException>().With.Message.Contains("[2,4,4,3]"));
        Assert.That(() => g.MaxPool2d(x, 2, padding: 2), Throws.InstanceOf<ShapeException>());
        Assert.That(() => g.AvgPool2d(gamma, 2), Throws.InstanceOf<ShapeException>().With.Message.Contains("[3]"));
    }
}
