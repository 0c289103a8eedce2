using Codat.Native.Autograd;
using Codat.Native.Interop;
using Codat.Native.Layers;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Which values of a graph become bf16, and where conversions stand. The rewriting needs no GPU.</summary>
internal sealed class MixedPrecisionTests
{
    private const int Images = 2;

    [Test]
    public void Run_OfAResidualNetwork_KeepsActivationsInBf16AndAllElseInSinglePrecision()
    {
        using var bench = new GraphBench(DType.Float32);
        using var network = Network(bench, "wrn-10-1");
        var mixed = Step(bench, network);

        foreach (var (op, type, output) in Values(mixed))
        {
            var expected = op switch
            {
                Conv2dOp or BatchNormOp or BatchNormInputGradOp or GlobalAvgPoolGradOp => DType.BFloat16,
                Conv2dInputGradOp when output.Channels == 3 => DType.Float32,
                Conv2dInputGradOp => DType.BFloat16,
                BatchMomentsOp or BatchNormSumsOp or Conv2dWeightGradOp or GlobalAvgPoolOp or MatMulOp => DType.Float32,
                _ => type,
            };
            Assert.That(type, Is.EqualTo(expected), $"{op} {output}");
        }
    }

    [Test]
    public void Run_OfAResidualNetwork_ConvertsWeightsAndTheFirstGradientOnly()
    {
        using var bench = new GraphBench(DType.Float32);
        using var network = Network(bench, "wrn-10-1");
        var mixed = Step(bench, network);
        var convolutions = network.Parameters.Count(p => p.Parameter.Shape.Rank == 4 && p.Parameter.Shape[3] != 3);

        var (weights, others) = (0, new List<string>());
        for (var id = 0; id < mixed.Count; id++)
        {
            if (mixed[id].Op is not ConvertOp) continue;
            if (mixed[mixed[id].Inputs[0]].Tensor is { Shape.Rank: 4 } tensor && tensor.Shape[3] != 3) weights++;
            else others.Add($"{mixed[mixed[id].Inputs[0]].Type} -> {mixed[id].Type}");
        }

        Assert.That(weights, Is.EqualTo(convolutions), "each layer's weights once, forward and backward together");
        // The image padded to eight channels for the first layer's weight gradient, and that gradient cut again.
        Assert.That(others, Is.EqualTo(new[]
        {
            $"Float32 {new Shape(Images, 8, 8, 3)} -> BFloat16 {new Shape(Images, 8, 8, 8)}",
            $"Float32 {new Shape(16, 3, 3, 8)} -> Float32 {new Shape(16, 3, 3, 3)}",
        }));
    }

    [Test]
    public void Run_OfHiddenLinearLayers_MultipliesInBf16AndKeepsTheLastInSinglePrecision()
    {
        using var bench = new GraphBench(DType.Float32);
        using var network = Network(bench, "mlp");
        var mixed = Step(bench, network);

        var products = 0;
        for (var id = 0; id < mixed.Count; id++)
        {
            if (mixed[id].Op is not MatMulOp op) continue;
            products++;
            var expected = op.FullPrecision ? DType.Float32 : DType.BFloat16;
            foreach (var input in mixed[id].Inputs[..2]) Assert.That(mixed[input].Type.Type, Is.EqualTo(expected), $"{op}");
            Assert.That(mixed[id].Type.Type, Is.EqualTo(DType.Float32), $"{op}");
        }
        Assert.That(products, Is.EqualTo(9), "three layers, each with its value and two gradients");
    }

    [Test]
    public void Run_ChannelsThatFillNoTensorCore_ChangesNothing()
    {
        using var bench = new GraphBench(DType.Float32);
        var (x, w) = (bench.Input(new Shape(2, 6, 6, 12), 1), bench.Input(new Shape(20, 3, 3, 12), 2));
        bench.Output(bench.Graph.Relu(bench.Graph.Conv2d(x, w, padding: 1)));

        var mixed = MixedPrecision.Run(bench.Graph);

        Assert.That(Values(mixed).Select(v => v.Type), Is.All.EqualTo(DType.Float32));
        Assert.That(mixed.Count, Is.EqualTo(bench.Graph.Count));
    }

    [Test]
    public void Run_InDouble_ChangesNothing()
    {
        using var bench = new GraphBench(DType.Float64);
        var (x, w) = (bench.Input(new Shape(2, 6, 6, 8), 1), bench.Input(new Shape(8, 3, 3, 8), 2));
        bench.Output(bench.Graph.Relu(bench.Graph.Conv2d(x, w, padding: 1)));

        var mixed = MixedPrecision.Run(bench.Graph);

        Assert.That(Values(mixed).Select(v => v.Type), Is.All.EqualTo(DType.Float64));
    }

    [Test]
    public void Run_ConversionThatIsNotTheOnlyReader_StaysOne()
    {
        using var bench = new GraphBench(DType.Float32);
        var g = bench.Graph;
        var (x, w) = (bench.Input(new Shape(2, 6, 6, 8), 1), bench.Input(new Shape(8, 1, 1, 8), 2));
        var scaled = g.Apply(new ScaleFiltersOp(), w, bench.Input(new Shape(2, 8), 3));
        bench.Output(g.Conv2d(x, scaled));

        var alone = MixedPrecision.Run(g);
        bench.Output(scaled);
        var shared = MixedPrecision.Run(g);

        Assert.That(TypeOf<ScaleFiltersOp>(alone), Is.EqualTo(DType.BFloat16));
        Assert.That(TypeOf<ScaleFiltersOp>(shared), Is.EqualTo(DType.Float32));
    }

    [Test]
    public void Compile_OnTheProcessor_IsRefused([Values(PlanPrecision.TensorFloat32, PlanPrecision.BFloat16)] PlanPrecision precision)
    {
        using var bench = new GraphBench(DType.Float32);
        bench.Output(bench.Graph.Relu(bench.Input(new Shape(2), 1)));

        var error = Assert.Throws<CodatException>(() => bench.Compile(new PlanOptions { Precision = precision }));

        Assert.That(error!.Message, Does.Contain("single precision only").And.Contain("use a CUDA device"));
    }

    private static Network Network(GraphBench bench, string model) =>
        Layers.Network.Create(new NetworkSpec(model, 8, 8, model == "mlp" ? 1 : 3, 10) { Std = model == "mlp" ? [0.5f] : [0.5f, 0.5f, 0.5f] },
            bench.Device, seed: 1);

    /// <summary>Loss, image gradient and weight gradients, as a training step has them between its passes.</summary>
    private static GraphBuilder Step(GraphBench bench, Network network)
    {
        var s = network.Spec;
        var x = bench.Input(new Shape(Images, s.Height, s.Width, s.Channels), 1);
        var logits = network.Forward(new ForwardContext(bench.Graph, ForwardMode.Train), x);
        var loss = bench.Graph.SumAll(bench.Graph.SoftmaxCrossEntropy(logits, bench.Ints(1, 2)));
        foreach (var gradient in bench.Graph.Gradients(loss, [x, .. network.BindParameters(bench.Graph)])) bench.Output(gradient);
        return MixedPrecision.Run(DeadNodeElimination.Run(FuseEpilogues.Run(DeadNodeElimination.Run(bench.Graph))));
    }

    private static IEnumerable<(Op Op, DType Type, Shape Output)> Values(GraphBuilder graph)
    {
        for (var id = 0; id < graph.Count; id++)
            if (graph[id].Op is { } op) yield return (op, graph[id].Type.Type, graph[id].Type.Shape);
    }

    private static DType TypeOf<TOp>(GraphBuilder graph)
        where TOp : Op => Values(DeadNodeElimination.Run(graph)).Single(v => v.Op is TOp).Type;
}
