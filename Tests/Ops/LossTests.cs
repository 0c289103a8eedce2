using Codat.Native.Autograd;
using NUnit.Framework;

namespace Codat.Native.Tests;

[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.All))]
internal sealed class LossTests(TestDevice target)
{
    [Test]
    public void Losses_AgainstLoops_Agree([Values(DType.Float32, DType.Float64)] DType type, [Values(2, 10, 100)] int classes,
        [Values(0, 0.1, 0.9)] double smoothing)
    {
        const int N = 33;
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var (p, q) = (TestValues.Normal(N * classes, 1, 3), TestValues.Normal(N * classes, 2, 3));
        var labels = TestValues.Labels(N, classes, 3);
        var (np, nq, nl) = (bench.Input(new Shape(N, classes), p), bench.Input(new Shape(N, classes), q), bench.Ints(labels));
        var g = bench.Graph;

        var results = bench.Run(null, g.SoftmaxCrossEntropy(np, nl, smoothing), g.KlDivergence(np, nq), g.Margin(np, nl), g.ArgMax(np),
            g.OneHot(nl, classes, type));

        var tolerance = type == DType.Float32 ? 1e-6 : 1e-14;
        Expect.Close(results[0], NaiveOps.CrossEntropy(p, labels, smoothing), tolerance, "cross-entropy");
        Expect.Close(results[1], NaiveOps.Kl(p, q, classes), tolerance, "kl");
        Expect.Close(results[2], NaiveOps.Margin(p, labels), tolerance, "margin");
        Expect.SameBits(results[3], NaiveOps.ArgMax(p, classes));
        for (var i = 0; i < results[4].Length; i++) Assert.That(results[4][i], Is.EqualTo(labels[i / classes] == i % classes ? 1 : 0));
    }

    [Test]
    public void CrossEntropy_HugeLogits_NeitherOverflowsNorCancels([Values(DType.Float32, DType.Float64)] DType type)
    {
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var z = bench.Input(new Shape(3, 2), [1e30, -1e30, 1000, 0, 5000, 5001]);

        var loss = bench.Run(bench.Graph.SoftmaxCrossEntropy(z, bench.Ints(0, 1, 0)));

        Assert.That(loss[0], Is.Zero);
        Assert.That(loss[1], Is.EqualTo(1000));
        Assert.That(loss[2], Is.EqualTo(Math.Log(1 + Math.E)).Within(1e-6));
    }

    [Test]
    public void CrossEntropy_NaNLogit_IsNaN([Values(DType.Float32, DType.Float64)] DType type)
    {
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var z = bench.Input(new Shape(2, 3), [0, double.NaN, 1, 0, 0, 0]);
        var (g, labels) = (bench.Graph, bench.Ints(0, 2));

        var results = bench.Run(null, g.SoftmaxCrossEntropy(z, labels), g.Margin(z, labels), g.ArgMax(z));

        Assert.That(results[0][0], Is.NaN);
        Assert.That(results[0][1], Is.EqualTo(Math.Log(3)).Within(1e-7));
        Assert.That(results[1][0], Is.NaN);
        Assert.That(results[2], Is.EqualTo(new double[] { -1, 0 }));
    }

    [Test]
    public void Run_LabelOutsideTheClasses_NamesLabelAndSample([Values(-1, 3)] int label)
    {
        // A kernel cannot throw: there the loss is not a number, and the step's sentinel sees it (CudaOpTests).
        Assume.That(target.IsCuda, Is.False);
        using var device = target.Create();
        using var bench = new GraphBench(device, DType.Float32);
        var z = bench.Input(new Shape(2, 3), 1);
        var loss = bench.Graph.SoftmaxCrossEntropy(z, bench.Ints(0, label));

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => bench.Run(loss));

        Assert.That(error!.Message, Does.Contain($"label {label}").And.Contain("sample 1"));
    }

    [Test]
    public void Shapes_ThatDoNotFit_AreBothNamed()
    {
        using var bench = new GraphBench();
        var g = bench.Graph;
        var z = bench.Input(new Shape(2, 3), 1);

        Assert.That(() => g.SoftmaxCrossEntropy(z, bench.Ints(1, 2, 3)),
            Throws.InstanceOf<ShapeException>().With.Message.Contains("[2,3]").And.Message.Contains("[3]"));
        Assert.That(() => g.KlDivergence(z, bench.Input(new Shape(3, 3), 2)),
            Throws.InstanceOf<ShapeException>().With.Message.Contains("[2,3]").And.Message.Contains("[3,3]"));
        Assert.That(() => g.SoftmaxCrossEntropy(z, bench.Ints(1, 2), 1), Throws.InstanceOf<ShapeException>().With.Message.Contains("[0,1)"));
        Assert.That(() => g.Margin(bench.Input(new Shape(2, 1), 1), bench.Ints(0, 0)), Throws.InstanceOf<ShapeException>());
        Assert.That(() => g.ArgMax(bench.Ints(1)), Throws.InstanceOf<ShapeException>().With.Message.Contains("Int32 [1]"));
        Assert.That(() => g.OneHot(z, 3, DType.Float32), Throws.InstanceOf<ShapeException>().With.Message.Contains("[2,3]"));
    }
}
