using Codat.Native.Autograd;
using NUnit.Framework;

namespace Codat.Native.Tests;

[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.All))]
internal sealed class OptimiserTests(TestDevice target)
{
    private const int Count = 5003;

    [Test]
    public void SgdStep_ThreeSteps_FollowThePublishedRule([Values(DType.Float32, DType.Float64)] DType type, [Values(0, 0.9)] double momentum,
        [Values(0, 5e-3)] double decay, [Values] bool nesterov)
    {
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var (w, v) = (TestValues.Normal(Count, 1), new double[Count]);
        var g = TestValues.Normal(Count, 2);
        var (weights, velocity) = (bench.Tensor(new Shape(Count), w), bench.Tensor(new Shape(Count), v));
        var rate = bench.Tensor(new Shape(1), [0.1]);
        var graph = bench.Graph;
        graph.Apply(new SgdStepOp(momentum, decay, nesterov), graph.Bind(weights), graph.Bind(velocity),
            bench.Input(new Shape(Count), g), graph.Bind(rate), graph.Bind(bench.Status()));
        using var program = bench.Compile();

        foreach (var lr in new[] { 0.1, 0.1, 0.02 })
        {
            GraphBench.Write(rate, [lr]);
            program["main"].Run();
            (w, v) = NaiveOps.Sgd(w, v, g, lr, momentum, decay, nesterov);
        }

        var tolerance = type == DType.Float32 ? 3e-7 : 1e-15;
        Expect.Close(GraphBench.Read(weights), w, tolerance, "weights");
        Expect.Close(GraphBench.Read(velocity), v, tolerance, "velocity");
    }

    [Test]
    public void Steps_StatusSet_LeaveEverything()
    {
        using var device = target.Create();
        using var bench = new GraphBench(device, DType.Float32);
        var (w, v, a) = (bench.Tensor(new Shape(5), [1, 2, 3, 4, 5]), bench.Tensor(new Shape(5), [1, 1, 1, 1, 1]), bench.Tensor(new Shape(5), new double[5]));
        var (g, status) = (bench.Graph, bench.Graph.Bind(bench.Status(2)));
        g.Apply(new SgdStepOp(0.9, 0.1, false), g.Bind(w), g.Bind(v), bench.Input(new Shape(5), 1), bench.Input(new Shape(1), 2), status);
        g.Apply(new AverageStepOp(0.5), g.Bind(a), g.Bind(w), status);
        using var program = bench.Compile();

        program["main"].Run();

        Assert.That(GraphBench.Read(w), Is.EqualTo(new double[] { 1, 2, 3, 4, 5 }));
        Assert.That(GraphBench.Read(v), Is.All.EqualTo(1));
        Assert.That(GraphBench.Read(a), Is.All.Zero);
    }

    [Test]
    public void AverageStep_AfterTheStep_SeesTheNewWeights([Values(DType.Float32, DType.Float64)] DType type)
    {
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var (w, v, a) = (bench.Tensor(new Shape(2), [1, 2]), bench.Tensor(new Shape(2), [0, 0]), bench.Tensor(new Shape(2), [3, 5]));
        var (g, status) = (bench.Graph, bench.Graph.Bind(bench.Status()));
        g.Apply(new SgdStepOp(0, 0, false), g.Bind(w), g.Bind(v), bench.Input(new Shape(2), [2, 4]), bench.Input(new Shape(1), [0.5]), status);
        g.Apply(new AverageStepOp(0.75), g.Bind(a), g.Bind(w), status);
        using var program = bench.Compile();

        program["main"].Run();

        Assert.That(GraphBench.Read(w), Is.EqualTo(new double[] { 0, 0 }));
        Assert.That(GraphBench.Read(a), Is.EqualTo(new double[] { 2.25, 3.75 }));
    }

    [Test]
    public void SgdStep_ShapesThatDoNotFit_AreNamed()
    {
        using var bench = new GraphBench();
        var g = bench.Graph;
        var (w, other) = (bench.Input(new Shape(5), 1), bench.Input(new Shape(4), 1));

        Assert.That(() => g.Apply(new SgdStepOp(0, 0, false), w, w, other, bench.Input(new Shape(1), 1), g.Bind(bench.Status())),
            Throws.InstanceOf<ShapeException>().With.Message.Contains("[5]").And.Message.Contains("[4]"));
        Assert.That(() => g.Apply(new AverageStepOp(0.5), w, other, g.Bind(bench.Status())),
            Throws.InstanceOf<ShapeException>().With.Message.Contains("[5]").And.Message.Contains("[4]"));
    }
}
