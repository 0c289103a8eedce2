using Codat.Native.Autograd;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class GradientTests
{
    [TestCaseSource(typeof(GradientCases), nameof(GradientCases.All))]
    public void Gradients_OfAnOp_MatchCentralDifferences(GradientCase item)
    {
        using var bench = new GraphBench();
        var (value, wrt) = item.Build(bench);

        GradientCheck.Run(bench, value, wrt);
    }

    [TestCaseSource(typeof(GradientCases), nameof(GradientCases.Windows))]
    public void Gradients_OfWindows_MatchCentralDifferences(GradientCase item)
    {
        using var bench = new GraphBench();
        var (value, wrt) = item.Build(bench);

        GradientCheck.Run(bench, value, wrt);
    }

    [Test]
    public void GradientCheck_WrongDerivative_IsFound()
    {
        using var bench = new GraphBench();
        var small = bench.Input(new Shape(7), 1);
        var large = bench.Input(new Shape(700), 2);

        var full = GradientCheck.Find(bench, bench.Graph.Apply(new WrongSquare(), small), small);
        var random = GradientCheck.Find(bench, bench.Graph.Apply(new WrongSquare(), large), large);

        Assert.That(full, Does.Contain("element"));
        Assert.That(random, Does.Contain("direction"));
    }

    [Test]
    public void Gradients_OfSeveralInputsOneUnused_NameTheUnusedOne()
    {
        using var bench = new GraphBench();
        var (x, unused) = (bench.Input(new Shape(3), 1), bench.Input(new Shape(4), 2));
        var scalar = bench.Graph.SumAll(x);

        var error = Assert.Throws<ArgumentException>(() => bench.Graph.Gradients(scalar, x, unused));

        Assert.That(error!.Message, Does.Contain("does not depend").And.Contain("[4]"));
    }

    [Test]
    public void Gradients_OfBatchNormWithForeignMoments_AreRefused()
    {
        using var bench = new GraphBench();
        var (x, gamma) = (bench.Input(new Shape(4, 3), 1), bench.Input(new Shape(3), 2));
        var y = bench.Graph.SumAll(bench.Graph.BatchNorm(x, bench.Graph.BatchMoments(bench.Input(new Shape(5, 3), 3)), gamma, gamma));

        Assert.That(() => bench.Graph.Gradients(y, x), Throws.InstanceOf<NotSupportedException>().With.Message.Contains("moments"));
        Assert.That(bench.Graph.Gradients(y, gamma), Has.Length.EqualTo(1));
    }

    [Test]
    public void Gradients_OfAVector_NameItsShape()
    {
        using var bench = new GraphBench();
        var x = bench.Input(new Shape(3), 1);

        var error = Assert.Throws<ArgumentException>(() => bench.Graph.Gradients(x, x));

        Assert.That(error!.Message, Does.Contain("[3]"));
    }

    [Test]
    public void Gradients_OfTheScalarItself_AreOne()
    {
        using var bench = new GraphBench();
        var x = bench.Input(new Shape(3), 1);
        var y = bench.Graph.SumAll(x);

        var gradient = bench.Graph.Gradients(y, y)[0];

        Assert.That(bench.Run(gradient), Is.EqualTo(new double[] { 1 }));
    }

    [Test]
    public void Gradients_WithRespectToAnIntermediateValue_StopThere()
    {
        using var bench = new GraphBench();
        var x = bench.Input(new Shape(3), [1, 2, 3]);
        var middle = bench.Graph.Square(x);

        var gradient = bench.Graph.Gradients(bench.Graph.SumAll(bench.Graph.Square(middle)), middle)[0];

        Assert.That(bench.Run(gradient), Is.EqualTo(new double[] { 2, 8, 18 }));
    }

    [Test]
    public void Gradients_AtAKink_AreTheDocumentedOnes()
    {
        using var bench = new GraphBench();
        var x = bench.Input(new Shape(3), [0, -1, 1]);
        var g = bench.Graph;

        double[] Of(Node y) => bench.Run(g.Gradients(g.SumAll(y), x)[0]);

        Assert.That(Of(g.Relu(x)), Is.EqualTo(new double[] { 0, 0, 1 }));
        Assert.That(Of(g.Abs(x)), Is.EqualTo(new double[] { 0, -1, 1 }));
        Assert.That(Of(g.Clamp(x, -1, 1)), Is.EqualTo(new double[] { 1, 0, 0 }));
        Assert.That(Of(g.Sign(x)), Is.EqualTo(new double[] { 0, 0, 0 }));
    }

    [Test]
    public void Gradients_OfTiedMaxima_GoToTheFirst()
    {
        using var bench = new GraphBench();
        var x = bench.Input(new Shape(1, 3, 3, 1), [1, 1, 0, 1, 1, 0, 2, 0, 2]);
        var g = bench.Graph;

        double[] Of(Node y) => bench.Run(g.Gradients(g.SumAll(y), x)[0]);

        Assert.That(Of(g.MaxPool2d(x, 2)), Is.EqualTo(new double[] { 1, 0, 0, 0, 0, 0, 0, 0, 0 }));
        Assert.That(Of(g.MaxPool2d(x, 3)), Is.EqualTo(new double[] { 0, 0, 0, 0, 0, 0, 1, 0, 0 }));
    }

    private sealed record WrongSquare : Op, ICpuOp
    {
        public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => inputs[0];

        // Off by one part in a hundred thousand.
        public override void Backward(BackwardContext context) => context.Add(0,
            context.Graph.Scale(context.Graph.Multiply(context.Gradient, context.Input(0)), 2.00002));

        public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) => new Kernel();

        private sealed class Kernel : CpuKernel
        {
            public override void Run(in CpuCall call)
            {
                var x = call.Input<double>(0);
                var y = call.Output<double>();
                for (var i = 0; i < x.Length; i++) y[i] = x[i] * x[i];
            }
        }
    }
}
