using Codat.Native.Autograd;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.All))]
internal sealed class ClassRiskOpTests(TestDevice target)
{
    [Test]
    public void ClassRisk_AgainstLoops_SumsPerClass([Values(DType.Float32, DType.Float64)] DType type)
    {
        const int N = 300, Classes = 7;
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var loss = TestValues.Normal(N, 1);
        var labels = TestValues.Labels(N, Classes - 1, 2); // the last class is absent

        var table = bench.Run(bench.Graph.Apply(new ClassRiskOp(Classes), bench.Input(new Shape(N), loss), bench.Ints(labels)));

        var expected = new double[3 * Classes];
        for (var n = 0; n < N; n++)
        {
            expected[labels[n]] += loss[n];
            expected[Classes + labels[n]] += loss[n] * loss[n];
            expected[2 * Classes + labels[n]] += 1;
        }
        if (target.IsCuda) Expect.Close(table, expected, Expect.DoubleTolerance, "summed in another order");
        else Expect.SameBits(table, expected);
    }

    [Test]
    public void GatherByLabel_OfATable_TakesTheLabelsEntry([Values(DType.Float32, DType.Float64)] DType type)
    {
        using var device = target.Create();
        using var table = device.Allocate(DType.Float64, new Shape(3), "table");
        table.CopyFrom<double>([0.5, 0.25, 2]);
        using var bench = new GraphBench(device, type);

        var values = bench.Run(bench.Graph.Apply(new GatherByLabelOp(type), bench.Graph.Bind(table), bench.Ints(2, 0, 0, 1)));

        Assert.That(values, Is.EqualTo(new double[] { 2, 0.5, 0.5, 0.25 }));
    }

    [Test]
    public void Gradients_OfAWeightedLoss_TakeTheWeightsAsConstants()
    {
        using var bench = new GraphBench();
        using var table = bench.Device.Allocate(DType.Float64, new Shape(3), "weights");
        table.CopyFrom<double>([0.5, 0.25, 2]);
        var g = bench.Graph;
        var (z, labels) = (bench.Input(new Shape(4, 3), 1), bench.Ints(2, 0, 0, 1));
        var weights = g.Apply(new GatherByLabelOp(DType.Float64), g.Bind(table), labels);

        GradientCheck.Run(bench, g.Multiply(g.SoftmaxCrossEntropy(z, labels), weights), z);
    }

    [Test]
    public void Shapes_ThatDoNotFit_AreBothNamed()
    {
        using var bench = new GraphBench();
        var x = bench.Input(new Shape(4), 1);

        Assert.That(() => bench.Graph.Apply(new ClassRiskOp(3), x, bench.Ints(1, 2)),
            Throws.InstanceOf<ShapeException>().With.Message.Contains("[4]").And.Message.Contains("[2]"));
        Assert.That(() => bench.Graph.Apply(new GatherByLabelOp(DType.Float64), bench.Input(new Shape(2, 2), 1), bench.Ints(1, 2)),
            Throws.InstanceOf<ShapeException>().With.Message.Contains("[2,2]").And.Message.Contains("[2]"));
    }
}
