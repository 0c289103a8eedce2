using Codat.Native.Autograd;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Single operations and their gradients against PyTorch, on every instruction set.</summary>
[Category("Golden")]
[TestFixtureSource(nameof(Backends))]
internal sealed class GoldenOpTests(DType type, CpuVectors vectors)
{
    private const double SingleTolerance = 2e-6;

    private static readonly GoldenFile s_file = GoldenFile.Open("ops");

    private static IEnumerable<TestFixtureData> Backends()
    {
        foreach (var vectors in new[] { CpuVectors.Best, CpuVectors.Avx2, CpuVectors.Portable })
        {
            if (vectors == CpuVectors.Avx2 && !System.Runtime.Intrinsics.X86.Fma.IsSupported) continue;
            yield return new TestFixtureData(DType.Float32, vectors);
            yield return new TestFixtureData(DType.Float64, vectors);
        }
    }

    [TestCase("3x3")]
    [TestCase("3x3-stride2")]
    [TestCase("3x3-stride2-odd")]
    [TestCase("3x3-valid")]
    [TestCase("3x3-pad2")]
    [TestCase("3x3-wide")]
    [TestCase("1x1")]
    [TestCase("1x1-stride2")]
    [TestCase("2x3")]
    [TestCase("5x5-stride2")]
    [TestCase("7x7-stride3")]
    public void Conv2d_ForwardAndGradients_AreTheRecordedOnes(string name)
    {
        var key = $"conv/{name}";
        if (s_file.Integers(key) is not [var n, var c, var h, var w, var k, var r, var s, var stride, var padding])
            throw new InvalidOperationException(key);
        using var runner = Runner();
        var x = Put(runner, $"{key}/x", n, c, h, w);
        var weight = Put(runner, $"{key}/w", k, c, r, s);
        var bias = runner.Put(new Shape(k), Stream($"{key}/b", k));
        var outer = s_file.Shape($"{key}/y");
        var dy = Put(runner, $"{key}/dy", outer[0], outer[1], outer[2], outer[3]);

        var results = runner.Run(graph =>
        {
            var (nx, nw, nb) = (graph.Bind(x), graph.Bind(weight), graph.Bind(bias));
            var y = graph.AddChannels(graph.Conv2d(nx, nw, stride, padding), nb);
            return [y, .. graph.Gradients(graph.SumAll(graph.Multiply(y, graph.Bind(dy))), nx, nw, nb)];
        });

        Check(TorchOrder.ToTorch(dy.Shape, results[0]), $"{key}/y");
        Check(TorchOrder.ToTorch(x.Shape, results[1]), $"{key}/dx");
        Check(TorchOrder.ToTorch(weight.Shape, results[2]), $"{key}/dw");
        Check(results[3], $"{key}/db");
    }

    [Test]
    public void Pool_ForwardAndGradient_AreTheRecordedOnes(
        [Values("max", "average")] string kind,
        [Values("2x2", "2x2-odd", "3x3-stride2-pad1", "3x3-overlap")] string name)
    {
        const int Levels = 4;
        var key = $"pool/{kind}/{name}";
        if (s_file.Integers(key) is not [var n, var c, var h, var w, var size, var stride, var padding])
            throw new InvalidOperationException(key);
        using var runner = Runner();
        var values = GoldenValues.Widen(
            GoldenValues.Affine($"pool/{name}/x", n * c * h * w, 0, 1, symmetric: false));
        if (kind == "max") values = Array.ConvertAll(values, v => Math.Floor(v * Levels));
        var x = runner.Put(new Shape(n, h, w, c), TorchOrder.ChannelsLast(values, n, c, h, w));
        var outer = s_file.Shape($"{key}/y");
        var dy = Put(runner, $"pool/{name}/dy", outer[0], outer[1], outer[2], outer[3]);

        var results = runner.Run(graph =>
        {
            var nx = graph.Bind(x);
            var y = kind == "max"
                ? graph.MaxPool2d(nx, size, stride, padding)
                : graph.AvgPool2d(nx, size, stride, padding);
            return [y, .. graph.Gradients(graph.SumAll(graph.Multiply(y, graph.Bind(dy))), nx)];
        });

        Check(TorchOrder.ToTorch(dy.Shape, results[0]), $"{key}/y");
        Check(TorchOrder.ToTorch(x.Shape, results[1]), $"{key}/dx");
    }

    [TestCase("train")]
    [TestCase("eval")]
    public void BatchNorm_ForwardGradientsAndRunningStatistics_AreTheRecordedOnes(string mode)
    {
        var (n, c, h, w) = (4, 3, 3, 2);
        var key = $"bn/{mode}";
        using var runner = Runner();
        var values = GoldenValues.Widen(GoldenValues.Affine("bn/x", n * c * h * w, 0, 2));
        var x = runner.Put(new Shape(n, h, w, c), TorchOrder.ChannelsLast(values, n, c, h, w));
        var dy = Put(runner, "bn/dy", n, c, h, w);
        var (gamma, beta) = (PutState(runner, "bn/weight", c), PutState(runner, "bn/bias", c));
        var running = runner.Put(new Shape(2, c), [.. State("bn/running_mean", c), .. State("bn/running_var", c)]);
        var status = runner.PutIntegers(0);

        var results = runner.Run(graph =>
        {
            var (nx, ng, nb) = (graph.Bind(x), graph.Bind(gamma), graph.Bind(beta));
            Node y;
            if (mode == "train")
            {
                var moments = graph.BatchMoments(nx);
                graph.UpdateRunningMoments(running, moments, nx.Shape.Rows, status);
                y = graph.BatchNorm(nx, moments, ng, nb);
            }
            else
            {
                y = graph.BatchNormEval(nx, graph.Bind(running), ng, nb);
            }

            return [y, .. graph.Gradients(graph.SumAll(graph.Multiply(y, graph.Bind(dy))), nx, ng, nb)];
        });

        Check(TorchOrder.ToTorch(x.Shape, results[0]), $"{key}/y");
        Check(TorchOrder.ToTorch(x.Shape, results[1]), $"{key}/dx");
        Check(results[2], $"{key}/dgamma");
        Check(results[3], $"{key}/dbeta");
        Check(GraphRunner.Read(running)[..c], $"{key}/running_mean");
        Check(GraphRunner.Read(running)[c..], $"{key}/running_var");
    }

    [Test]
    public void Linear_ForwardAndGradients_AreTheRecordedOnes()
    {
        using var runner = Runner();
        var x = runner.Put(new Shape(3, 7), Stream("linear/x", 21));
        var weight = runner.Put(new Shape(5, 7), Stream("linear/w", 35));
        var bias = runner.Put(new Shape(5), Stream("linear/b", 5));
        var dy = runner.Put(new Shape(3, 5), Stream("linear/dy", 15));

        var results = runner.Run(graph =>
        {
            var (nx, nw, nb) = (graph.Bind(x), graph.Bind(weight), graph.Bind(bias));
            var y = graph.Linear(nx, nw, nb);
            return [y, .. graph.Gradients(graph.SumAll(graph.Multiply(y, graph.Bind(dy))), nx, nw, nb)];
        });

        Check(results[0], "linear/y");
        Check(results[1], "linear/dx");
        Check(results[2], "linear/dw");
        Check(results[3], "linear/db");
    }

    [Test]
    public void Relu_AtItsKink_HasDerivativeZero()
    {
        using var runner = Runner();
        var x = runner.Put(new Shape(5), s_file.Doubles("relu/x"));
        var tiny = type == DType.Float32; // 1e-300 is 0 in float32

        var results = runner.Run(graph =>
        {
            var nx = graph.Bind(x);
            var y = graph.Relu(nx);
            return [y, .. graph.Gradients(graph.SumAll(y), nx)];
        });

        Check(results[0], "relu/y");
        Assert.That(results[1], Is.EqualTo(tiny ? [0, 0, 0, 0, 1] : s_file.Doubles("relu/dx")));
    }

    private GraphRunner Runner() => new(type, new CpuOptions { Vectors = vectors });

    private void Check(double[] actual, string key) =>
        GoldenCheck.Close(actual, s_file.Doubles(key), type == DType.Float64 ? 1e-12 : SingleTolerance, key);

    private static Tensor Put(GraphRunner runner, string stream, int n, int c, int h, int w) => runner.Put(
        new Shape(n, h, w, c), TorchOrder.ChannelsLast(Stream(stream, n * c * h * w), n, c, h, w), stream);

    private static Tensor PutState(GraphRunner runner, string name, int count) =>
        runner.Put(new Shape(count), State(name, count), name);

    private static double[] State(string name, int count) => GoldenValues.Widen(GoldenValues.State(name, [count]));

    private static double[] Stream(string name, int count) =>
        GoldenValues.Widen(GoldenValues.Affine(name, count, 0, 1));
}
