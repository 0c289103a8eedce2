using Codat.Native.Autograd;
using Codat.Native.Layers;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class PassTests
{
    private static readonly string[] s_modules = ["small-cnn", "basic", "basic-stride", "preact", "preact-stride", "wrn-10-1"];

    private static readonly PlanOptions s_plain = new()
    {
        Reuse = false, FoldBatchNorm = false, FuseEpilogues = false, PackWeights = false, Hoist = false,
    };

    [Test]
    public void Plan_AnyPassThatKeepsTheArithmetic_KeepsTheBits([ValueSource(nameof(s_modules))] string module,
        [Values(ForwardMode.BatchStats, ForwardMode.Eval)] ForwardMode mode, [Values] bool input, [Values(DType.Float32, DType.Float64)] DType type)
    {
        var plain = Run(module, mode, input, type, s_plain);

        Same(Run(module, mode, input, type, s_plain with { Reuse = true }), plain, "reuse");
        Same(Run(module, mode, input, type, s_plain with { PackWeights = true }), plain, "pack");
        Same(Run(module, mode, input, type, s_plain with { FuseEpilogues = true }), plain, "fuse");
        Same(Run(module, mode, input, type, new PlanOptions { FoldBatchNorm = false }), plain, "all but folding");
    }

    [Test]
    public void Plan_OnOneTwoAndThreeThreads_GivesTheSameBits([ValueSource(nameof(s_modules))] string module,
        [Values(ForwardMode.BatchStats, ForwardMode.Eval)] ForwardMode mode, [Values] bool input)
    {
        var one = Run(module, mode, input, DType.Float32, new PlanOptions());

        for (var threads = 2; threads <= 3; threads++)
            Same(Run(module, mode, input, DType.Float32, new PlanOptions(), threads), one, $"{threads} threads");
    }

    [Test]
    public void Plan_FoldedBatchNorm_IsCloseToThePlanWithout([ValueSource(nameof(s_modules))] string module, [Values] bool input,
        [Values(DType.Float32, DType.Float64)] DType type)
    {
        var plain = Run(module, ForwardMode.Eval, input, type, s_plain);

        foreach (var options in new[] { s_plain with { FoldBatchNorm = true }, new PlanOptions() })
        {
            var folded = Run(module, ForwardMode.Eval, input, type, options);
            for (var i = 0; i < plain.Length; i++) Expect.Close(folded[i], plain[i], type == DType.Float32 ? 2e-5 : 1e-13, $"value {i}");
        }
    }

    [Test]
    public void Plan_AttackOnABasicBlock_IsFoldedAndFused()
    {
        var steps = Steps("basic-stride", ForwardMode.Eval, input: true);

        Assert.That(steps.OfType<Conv2dOp>().Select(c => c.Epilogue), Is.EquivalentTo(new[]
        {
            new Epilogue(Bias: true), new Epilogue(Bias: true, Relu: true), new Epilogue(Bias: true, Residual: true, Relu: true),
        }));
        // The convolution behind the inner ReLU is masked, the two gradients of the input are added in the second of them.
        Assert.That(steps.OfType<Conv2dInputGradOp>().Select(c => c.Epilogue), Is.EquivalentTo(new[]
        {
            new Epilogue(Mask: true), new Epilogue(Residual: true), default,
        }));
        Assert.That(steps.OfType<GlobalAvgPoolGradOp>().Single().Mask, Is.True);
        Assert.That(steps.Count(s => s is ChannelAffineOp or ChannelScaleOp or UnaryOp { Kind: UnaryKind.Relu } or Conv2dWeightGradOp), Is.Zero);
        Assert.That(steps.Count(s => s is BinaryOp { Kind: BinaryKind.ReluGrad or BinaryKind.Add }), Is.Zero);
        Assert.That(steps.Count(s => s is ScaleFiltersOp), Is.EqualTo(3));
    }

    [Test]
    public void Plan_AttackOnAPreActivationBlock_KeepsTheFirstBatchNorm()
    {
        var steps = Steps("preact-stride", ForwardMode.Eval, input: true);

        Assert.That(steps.OfType<ChannelAffineOp>().Single(), Is.EqualTo(new ChannelAffineOp(Relu: true)));
        Assert.That(steps.OfType<Conv2dOp>().Count(c => c.Epilogue.Bias && c.Epilogue.Relu), Is.EqualTo(1));
        Assert.That(steps.OfType<Conv2dOp>().Count(c => c.Epilogue.Residual), Is.EqualTo(1));
        Assert.That(steps.Count(s => s is ScaleFiltersOp), Is.EqualTo(1));
        Assert.That(steps.Count(s => s is UnaryOp { Kind: UnaryKind.Relu } or Conv2dWeightGradOp), Is.Zero);
    }

    [Test]
    public void Plan_AttackOnASmallCnn_FusesBiasReluAndMasks()
    {
        var steps = Steps("small-cnn", ForwardMode.Eval, input: true);

        Assert.That(steps.OfType<Conv2dOp>().Select(c => c.Epilogue), Is.All.EqualTo(new Epilogue(Bias: true, Relu: true)));
        Assert.That(steps.OfType<MaxPool2dGradOp>().Select(p => p.ReluMask), Is.EqualTo(new[] { true, true }));
        Assert.That(steps.OfType<GlobalAvgPoolGradOp>().Single().Mask, Is.True);
        Assert.That(steps.OfType<MatMulOp>().Count(m => m.Bias), Is.EqualTo(1));
        Assert.That(steps.Count(s => s is BinaryOp or Conv2dWeightGradOp), Is.Zero);
        Assert.That(steps.Count(s => s is UnaryOp { Kind: UnaryKind.Relu }), Is.Zero);
    }

    [Test]
    public void Plan_TrainingABasicBlock_FusesBatchNormWithReluAndResidual()
    {
        var steps = Steps("basic-stride", ForwardMode.BatchStats, input: false);

        Assert.That(steps.OfType<BatchNormOp>().Select(b => (b.Residual, b.Relu)),
            Is.EquivalentTo(new[] { (false, false), (false, true), (true, true) }));
        Assert.That(steps.Count(s => s is UnaryOp { Kind: UnaryKind.Relu }), Is.Zero);
    }

    [Test]
    public void Gradients_OfTheInputOnly_NeedNoWeightGradient([ValueSource(nameof(s_modules))] string module,
        [Values(ForwardMode.BatchStats, ForwardMode.Eval)] ForwardMode mode)
    {
        var steps = Steps(module, mode, input: true);

        Assert.That(steps.Count(s => s is Conv2dWeightGradOp), Is.Zero);
        Assert.That(steps.Count(s => s is Conv2dInputGradOp), Is.EqualTo(steps.Count(s => s is Conv2dOp)));
        Assert.That(steps.Count(s => s is ReduceOp { Kind: ReduceKind.Channels }), Is.Zero);
    }

    [TestCase("small-cnn", 1)]
    [TestCase("basic", 1)]
    [TestCase("basic-stride", 2)]
    [TestCase("wrn-10-1", 1)]
    public void Gradients_OfTheParametersOnly_NeedNoFirstInputGradient(string module, int convolutionsOfTheInput)
    {
        var steps = Steps(module, ForwardMode.BatchStats, input: false);

        var convolutions = steps.Count(s => s is Conv2dOp);
        Assert.That(steps.Count(s => s is Conv2dWeightGradOp), Is.EqualTo(convolutions));
        Assert.That(steps.Count(s => s is Conv2dInputGradOp), Is.EqualTo(convolutions - convolutionsOfTheInput));
    }

    [Test]
    public void Fold_ConvolutionWithASecondReader_IsLeftAlone()
    {
        using var bench = new GraphBench();
        var g = bench.Graph;
        var conv = g.Conv2d(bench.Input(new Shape(1, 3, 3, 2), 1), bench.Input(new Shape(4, 3, 3, 2), 2), padding: 1);
        var affine = g.ChannelAffine(conv, bench.Input(new Shape(2, 4), 3));
        bench.Output(affine);
        bench.Output(g.Exp(conv));

        using var program = bench.Compile();

        Assert.That(program["main"].Steps.Count(s => s.Op is ScaleFiltersOp), Is.Zero);
        Assert.That(program["main"].Steps.Count(s => s.Op is Conv2dOp), Is.EqualTo(1));
        Assert.That(program["main"].Steps.Count(s => s.Op is ChannelAffineOp), Is.EqualTo(1));
    }

    [Test]
    public void Fuse_ConvolutionWithASecondReader_IsLeftAlone([Values] bool stored)
    {
        using var bench = new GraphBench();
        var g = bench.Graph;
        var conv = g.Conv2d(bench.Input(new Shape(1, 3, 3, 2), 1), bench.Input(new Shape(4, 3, 3, 2), 2), padding: 1);
        if (stored) bench.Output(conv);
        bench.Output(g.Relu(conv));
        if (!stored) bench.Output(g.Silu(conv));

        using var program = bench.Compile();

        Assert.That(program["main"].Steps.Where(s => s.Op is Conv2dOp).Select(s => ((Conv2dOp)s.Op).Epilogue), Is.EqualTo(new[] { default(Epilogue) }));
        Assert.That(program["main"].Steps.Count(s => s.Op is UnaryOp { Kind: UnaryKind.Relu }), Is.EqualTo(1));
    }

    [Test]
    public void Fuse_TwoValuesThatBecomeOne_KeepsBothRight()
    {
        // The convolution with its bias written as an epilogue and as an op become the same value, read twice though each was read once.
        using var bench = new GraphBench();
        var g = bench.Graph;
        var (x, w, b) = (bench.Input(new Shape(1, 4, 4, 2), 1), bench.Input(new Shape(4, 3, 3, 2), 2), bench.Input(new Shape(4), 3));
        var whole = g.Apply(new Conv2dOp(1, 1, 1, 1, new Epilogue(Bias: true)), x, w, b);
        var parts = g.AddChannels(g.Conv2d(x, w, padding: 1), b);
        var (relu, silu) = (bench.Output(g.Relu(whole)), bench.Output(g.Silu(parts)));
        double[][] Read(PlanOptions? options)
        {
            using var program = bench.Compile(options);
            program["main"].Run();
            return [GraphBench.Read(relu), GraphBench.Read(silu)];
        }

        var fused = Read(null);

        Same(fused, Read(s_plain), "fused");
    }

    [Test]
    public void Fuse_ResidualOfTheSameProducer_IsNotAResidual()
    {
        using var bench = new GraphBench();
        var g = bench.Graph;
        var conv = g.Conv2d(bench.Input(new Shape(1, 3, 3, 2), 1), bench.Input(new Shape(2, 1, 1, 2), 2));
        var doubled = g.Relu(g.Add(conv, conv));

        Expect.SameBits(bench.Run(doubled), bench.Run(doubled, s_plain));
    }

    [Test]
    public void Eliminate_ValuesNobodyReads_AreGone()
    {
        using var bench = new GraphBench();
        var x = bench.Input(new Shape(4), 1);
        bench.Graph.Exp(bench.Graph.Exp(x));
        bench.Output(bench.Graph.Scale(x, 2));

        using var program = bench.Compile();

        Assert.That(program["main"].Steps, Has.Count.EqualTo(1));
    }

    [Test]
    public void Reuse_OfADeepNetwork_TakesAFractionOfTheMemory()
    {
        using var bench = new GraphBench();
        using var module = new ModuleBench(bench, "wrn-10-1");
        bench.Output(bench.Graph.Gradients(module.Loss(bench.Graph, ForwardMode.Eval), bench.Graph.Bind(module.Image))[0]);

        using var shared = bench.Compile();
        using var apart = bench.Compile(new PlanOptions { Reuse = false });

        Assert.That(shared["main"].ArenaBytes, Is.LessThan(apart["main"].ArenaBytes / 2));
    }

    private static void Same(double[][] actual, double[][] expected, string what)
    {
        for (var i = 0; i < expected.Length; i++) Expect.SameBits(actual[i], expected[i], $"{what}, value {i}");
    }

    private static double[][] Run(string name, ForwardMode mode, bool input, DType type, PlanOptions options, int threads = 1)
    {
        using var device = Device.Cpu(new CpuOptions { Threads = threads });
        using var bench = new GraphBench(device, type);
        using var module = new ModuleBench(bench, name);
        return bench.Run(options, Values(bench, module, mode, input));
    }

    private static List<Op> Steps(string name, ForwardMode mode, bool input)
    {
        using var bench = new GraphBench(DType.Float32);
        using var module = new ModuleBench(bench, name);
        foreach (var value in Values(bench, module, mode, input)) bench.Output(value);
        using var program = bench.Compile();
        return [.. program["main"].Steps.Select(s => s.Op)];
    }

    private static Node[] Values(GraphBench bench, ModuleBench module, ForwardMode mode, bool input)
    {
        var loss = module.Loss(bench.Graph, mode);
        Node[] wrt = input ? [bench.Graph.Bind(module.Image)] : module.Parameters(bench.Graph);
        return [loss, .. bench.Graph.Gradients(loss, wrt)];
    }
}
