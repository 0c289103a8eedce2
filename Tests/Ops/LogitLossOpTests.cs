using Codat.Native.Autograd;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The losses of APGD and FAB against their formulas, and their gradients against differences.</summary>
internal sealed class LogitLossOpTests
{
    private const int N = 9;

    [Test]
    public void Value_AgainstTheFormulas_Agrees([Values] LogitLoss loss, [Values(4, 10, 100)] int classes, [Values(DType.Float32, DType.Float64)] DType type)
    {
        using var bench = new GraphBench(type);
        var z = TestValues.Normal(N * classes, 1, 3).Select(v => (double)(float)v).ToArray();
        var (labels, targets) = Classes(classes);

        var found = bench.Run(bench.Graph.Apply(new LogitLossOp(loss), bench.Input(new Shape(N, classes), z), bench.Ints(labels), bench.Ints(targets)));

        Expect.Close(found, [.. Enumerable.Range(0, N).Select(n => Value(loss, z[(n * classes)..((n + 1) * classes)], labels[n], targets[n]))],
            type == DType.Float32 ? 1e-5 : 1e-11);
    }

    [Test]
    public void Gradient_AgainstDifferences_Agrees([Values] LogitLoss loss, [Values(4, 7)] int classes)
    {
        using var bench = new GraphBench();
        var (labels, targets) = Classes(classes);
        var z = bench.Input(new Shape(N, classes), 1, 2);

        GradientCheck.Run(bench, bench.Graph.Apply(new LogitLossOp(loss), z, bench.Ints(labels), bench.Ints(targets)), z);
    }

    [Test]
    public void Gradient_OfTheMargin_AgreesWithDifferences()
    {
        using var bench = new GraphBench();
        var z = bench.Input(new Shape(N, 6), 1, 2);

        GradientCheck.Run(bench, bench.Graph.Margin(z, bench.Ints(Classes(6).Labels)), z);
    }

    [Test]
    public void Value_EqualLogits_IsFinite([Values] LogitLoss loss)
    {
        using var bench = new GraphBench(DType.Float32);
        var z = bench.Input(new Shape(2, 5), new double[10]);

        var results = bench.Run(null, bench.Graph.Apply(new LogitLossOp(loss), z, bench.Ints(0, 3), bench.Ints(1, 2)),
            bench.Graph.Gradients(bench.Graph.SumAll(bench.Graph.Apply(new LogitLossOp(loss), z, bench.Ints(0, 3), bench.Ints(1, 2))), z)[0]);

        Assert.That(results[0], Is.EqualTo(new double[2]));
        Assert.That(results[1].All(double.IsFinite), Is.True);
    }

    [TestCase(LogitLoss.Dlr, 2)]
    [TestCase(LogitLoss.TargetedDlr, 3)]
    public void Infer_TooFewClasses_IsRefused(LogitLoss loss, int classes)
    {
        using var bench = new GraphBench();

        Assert.That(() => bench.Graph.Apply(new LogitLossOp(loss), bench.Input(new Shape(2, classes), 1), bench.Ints(0, 1), bench.Ints(1, 0)),
            Throws.InstanceOf<ShapeException>().With.Message.Contains($"at least {classes + 1}"));
    }

    private static (int[] Labels, int[] Targets) Classes(int classes)
    {
        var labels = TestValues.Labels(N, classes, 3);
        return (labels, [.. labels.Select((label, n) => (label + 1 + n % (classes - 1)) % classes)]);
    }

    private static double Value(LogitLoss loss, double[] z, int label, int target)
    {
        var sorted = z.OrderDescending().ToArray();
        return loss switch
        {
            LogitLoss.Dlr => (z.Where((_, k) => k != label).Max() - z[label]) / (sorted[0] - sorted[2]),
            LogitLoss.TargetedDlr => (z[target] - z[label]) / (sorted[0] - (sorted[2] + sorted[3]) / 2),
            _ => z[target] - z[label],
        };
    }
}
