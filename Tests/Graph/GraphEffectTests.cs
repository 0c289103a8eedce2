using Codat.Native.Autograd;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Values and effects keep their order: before an effect the old contents count, after it the new ones.</summary>
internal sealed class GraphEffectTests
{
    private static readonly PlanOptions s_plain = new()
    {
        Reuse = false, FoldBatchNorm = false, FuseEpilogues = false, PackWeights = false, Hoist = false,
    };

    [Test]
    public void Apply_EqualOpsOnEqualInputs_AreOneValue()
    {
        using var bench = new GraphBench();
        var x = bench.Input(new Shape(2), [1, 2]);
        var g = bench.Graph;

        Assert.That(g.Scale(x, 2), Is.EqualTo(g.Scale(x, 2)));
        Assert.That(g.Scale(x, 2), Is.Not.EqualTo(g.Scale(x, 3)));
        Assert.That(g.Subtract(x, g.Exp(x)), Is.EqualTo(g.Subtract(x, g.Exp(x))));
        Assert.That(g.Subtract(x, g.Exp(x)), Is.Not.EqualTo(g.Subtract(g.Exp(x), x)));
    }

    [Test]
    public void Apply_AfterAnEffect_SeesTheNewContents([Values] bool plain, [Values("direct", "reshape", "view")] string through)
    {
        using var bench = new GraphBench();
        var g = bench.Graph;
        var x = bench.Tensor(new Shape(4), [1, 2, 3, 4]);
        var before = bench.Output(g.Exp(Read()));

        g.Store(x, bench.Input(new Shape(4), [5, 6, 7, 8]));
        var after = bench.Output(g.Exp(Read()));
        using var program = bench.Compile(plain ? s_plain : null);
        program["main"].Run();

        Expect.Close(GraphBench.Read(before), [Math.Exp(1), Math.Exp(2), Math.Exp(3), Math.Exp(4)], DType.Float64, "before");
        Expect.Close(GraphBench.Read(after), [Math.Exp(5), Math.Exp(6), Math.Exp(7), Math.Exp(8)], DType.Float64, "after");

        Node Read() => through switch
        {
            "direct" => g.Bind(x),
            "reshape" => g.Reshape(g.Bind(x), new Shape(2, 2)),
            _ => g.Bind(View()),
        };

        Tensor View() => s_views.GetValue(x, t => t.View(0, new Shape(4), "view"));
    }

    [Test]
    public void Apply_AfterAnEffectOnAnotherPart_IsStillOneValue()
    {
        using var bench = new GraphBench();
        var g = bench.Graph;
        var arena = bench.Tensor(new Shape(4), [1, 2, 3, 4]);
        var (left, right) = (arena.View(0, new Shape(2), "left"), arena.View(2, new Shape(2), "right"));
        var first = g.Exp(g.Bind(left));

        g.Store(right, g.Fill(DType.Float64, new Shape(2), 0));

        Assert.That(g.Exp(g.Bind(left)), Is.EqualTo(first));
    }

    [Test]
    public void Compile_EffectBetweenConvolutionAndRelu_UsesTheOldWeights([Values("image", "weights")] string changed)
    {
        using var bench = new GraphBench();
        var g = bench.Graph;
        var image = bench.Tensor(new Shape(1, 2, 2, 1), [1, 2, 3, 4]);
        var weights = bench.Tensor(new Shape(1, 1, 1, 1), [2]);
        var y = g.Conv2d(g.Bind(image), g.Bind(weights));

        g.Store(changed == "image" ? image : weights, g.Fill(DType.Float64, changed == "image" ? image.Shape : weights.Shape, 100));
        var output = bench.Run(g.Relu(y));

        Assert.That(output, Is.EqualTo(new double[] { 2, 4, 6, 8 }));
    }

    [Test]
    public void Compile_EffectBetweenConvolutionAndBatchNorm_UsesTheOldWeights()
    {
        using var bench = new GraphBench();
        var g = bench.Graph;
        var image = bench.Tensor(new Shape(1, 2, 2, 1), [1, 2, 3, 4]);
        var weights = bench.Tensor(new Shape(1, 1, 1, 1), [2]);
        var y = g.Conv2d(g.Bind(image), g.Bind(weights));

        g.Store(weights, g.Fill(DType.Float64, weights.Shape, 100));
        var output = bench.Run(g.ChannelAffine(y, bench.Input(new Shape(2, 1), [3, 1])));

        Assert.That(output, Is.EqualTo(new double[] { 7, 13, 19, 25 }));
    }

    [Test]
    public void Compile_EffectBetweenScaleAndInputGradient_UsesTheOldGradient()
    {
        using var bench = new GraphBench();
        var g = bench.Graph;
        var dy = bench.Tensor(new Shape(1, 2, 2, 1), [1, 2, 3, 4]);
        var weights = bench.Input(new Shape(1, 1, 1, 1), [2]);
        var scaled = g.Apply(new ChannelScaleOp(), g.Bind(dy), bench.Input(new Shape(2, 1), [3, 0]));

        g.Store(dy, g.Fill(DType.Float64, dy.Shape, 100));
        var output = bench.Run(g.Apply(new Conv2dInputGradOp(1, 1, 0, 0, 2, 2), scaled, weights));

        Assert.That(output, Is.EqualTo(new double[] { 6, 12, 18, 24 }));
    }

    [Test]
    public void Apply_EffectOnAComputedValue_IsRefused()
    {
        using var bench = new GraphBench();
        var x = bench.Input(new Shape(4), [1, 2, 3, 4]);

        var error = Assert.Throws<ArgumentException>(() => bench.Graph.Apply(new StoreOp(), bench.Graph.Exp(x), x));

        Assert.That(error!.Message, Does.Contain("Store").And.Contain("bound tensor"));
    }

    [Test]
    public void Apply_OnAnEffectsResult_IsRefused()
    {
        using var bench = new GraphBench();
        var x = bench.Input(new Shape(4), [1, 2, 3, 4]);
        var effect = bench.Graph.Apply(new StoreOp(), x, bench.Graph.Exp(x));

        var error = Assert.Throws<ArgumentException>(() => bench.Graph.Exp(effect));

        Assert.That(error!.Message, Does.Contain("no value"));
    }

    [Test]
    public void Apply_ValueOfAnotherGraph_IsRefused()
    {
        using var bench = new GraphBench();
        using var other = new GraphBench();
        var x = bench.Input(new Shape(4), [1, 2, 3, 4]);

        Assert.That(() => other.Graph.Exp(x), Throws.ArgumentException.With.Message.Contains("graph"));
    }

    [Test]
    public void Label_NestedScopes_NameTheSteps()
    {
        using var bench = new GraphBench();
        var (g, x) = (bench.Graph, bench.Input(new Shape(2, 3, 3, 2), 1));
        Node y;
        using (g.Label("block"))
        {
            using (g.Label("conv")) y = g.Conv2d(x, bench.Input(new Shape(4, 3, 3, 2), 2), padding: 1);
            y = g.Relu(y);
        }
        bench.Output(y);

        using var program = bench.Compile();

        var conv = program["main"].Steps.Single(s => s.Op is Conv2dOp);
        Assert.That(conv.Label, Is.EqualTo("block.conv"));
        Assert.That(program["main"].Steps.Any(s => s.Op is UnaryOp), Is.False);
        Assert.That(program["main"].Steps.Single(s => s.Op is PackConvWeightsOp).Label, Is.EqualTo("block.conv"));
    }

    // Binding two views of the same part is two values over one memory; keep one view for each tensor.
    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<Tensor, Tensor> s_views = [];
}
