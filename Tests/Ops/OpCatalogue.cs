using Codat.Native.Autograd;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>A kernel at a size at which its work is split into several tiles.</summary>
internal sealed record OpCase(string Name, Func<GraphBench, Node> Build)
{
    public override string ToString() => Name;
}

/// <summary>Every op with a kernel of its own, for tests that hold for all of them.</summary>
internal static class OpCatalogue
{
    private static readonly Shape s_image = new(5, 16, 16, 40);

    public static IEnumerable<TestCaseData> Cases()
    {
        foreach (var item in All()) yield return new TestCaseData(item).SetArgDisplayNames(item.Name);
    }

    private static IEnumerable<OpCase> All() => [.. Pointwise(), .. Convolutions(), .. Rest()];

    private static IEnumerable<OpCase> Pointwise()
    {
        foreach (var kind in Enum.GetValues<UnaryKind>())
            yield return new OpCase($"{kind}", b => b.Graph.Apply(new UnaryOp(kind, 0.5, 1.5), Positive(b)));
        foreach (var spread in Enum.GetValues<Broadcast>())
        {
            yield return new OpCase($"Divide.{spread}", b => b.Graph.Apply(new BinaryOp(BinaryKind.Divide, Spread: spread), Positive(b),
                b.Input(spread switch { Broadcast.Scalar => new(1), Broadcast.Channel => new(40), Broadcast.Row => new(5), _ => s_image }, 2)));
        }
        foreach (var kind in new[] { BinaryKind.ReluGrad, BinaryKind.SiluGrad, BinaryKind.ClampGrad })
            yield return new OpCase($"{kind}", b => b.Graph.Apply(new BinaryOp(kind, -0.5, 0.5), b.Input(s_image, 1), b.Input(s_image, 2)));
    }

    private static IEnumerable<OpCase> Convolutions()
    {
        foreach (var (c, k, size, stride) in new[] { (1, 16, 3, 1), (3, 32, 3, 1), (40, 48, 3, 1), (40, 33, 3, 2), (40, 24, 1, 2), (24, 40, 1, 1), (8, 8, 5, 1) })
        {
            var name = $"{c}.{k}.{size}.{stride}";
            var pad = size / 2;
            var outSize = (16 + 2 * pad - size) / stride + 1;
            Node W(GraphBench b) => b.Input(new Shape(k, size, size, c), 2, 0.1);
            Node X(GraphBench b) => b.Input(new Shape(5, 16, 16, c), 1);
            Node Dy(GraphBench b) => b.Input(new Shape(5, outSize, outSize, k), 3);
            yield return new OpCase($"Conv.{name}", b => b.Graph.Apply(new Conv2dOp(stride, stride, pad, pad), X(b), W(b)));
            yield return new OpCase($"ConvFused.{name}", b => b.Graph.Apply(new Conv2dOp(stride, stride, pad, pad, new Epilogue(true, true, true, true)),
                X(b), W(b), b.Input(new Shape(k), 4), Dy(b), b.Input(new Shape(5, outSize, outSize, k), 5)));
            yield return new OpCase($"ConvInputGrad.{name}", b => b.Graph.Apply(new Conv2dInputGradOp(stride, stride, pad, pad, 16, 16), Dy(b), W(b)));
            yield return new OpCase($"ConvWeightGrad.{name}", b => b.Graph.Apply(new Conv2dWeightGradOp(stride, stride, pad, pad, size, size), X(b), Dy(b)));
        }
    }

    private static IEnumerable<OpCase> Rest()
    {
        foreach (var (ta, tb) in new[] { (false, false), (false, true), (true, false), (true, true) })
        {
            yield return new OpCase($"MatMul.{ta}.{tb}", b => b.Graph.MatMul(b.Input(ta ? new(300, 130) : new(130, 300), 1),
                b.Input(tb ? new(170, 300) : new(300, 170), 2), ta, tb));
        }
        foreach (var kind in Enum.GetValues<ReduceKind>())
            yield return new OpCase($"Sum{kind}", b => b.Graph.Apply(new ReduceOp(kind), b.Input(s_image, 1)));
        yield return new OpCase("BatchMoments", b => b.Graph.BatchMoments(b.Input(s_image, 1)));
        yield return new OpCase("BatchMomentsOfFewChannels", b => b.Graph.BatchMoments(b.Input(new Shape(30000, 3), 1)));
        yield return new OpCase("BatchNorm", b => b.Graph.BatchNorm(b.Input(s_image, 1), b.Graph.BatchMoments(b.Input(s_image, 1)), C(b, 2), C(b, 3)));
        yield return new OpCase("BatchNormSums", b => b.Graph.Apply(new BatchNormSumsOp(1e-5), b.Input(s_image, 4), b.Input(s_image, 1), Moments(b)));
        yield return new OpCase("BatchNormInputGrad", b => b.Graph.Apply(new BatchNormInputGradOp(1e-5), b.Input(s_image, 4), b.Input(s_image, 1),
            Moments(b), C(b, 2), b.Input(new Shape(2, 40), 6)));
        yield return new OpCase("BatchNormEval", b => b.Graph.BatchNormEval(b.Input(s_image, 1), Moments(b), C(b, 2), C(b, 3)));
        yield return new OpCase("ChannelAffine", b => b.Graph.Apply(new ChannelAffineOp(true, true), b.Input(s_image, 1), Moments(b), b.Input(s_image, 2)));
        yield return new OpCase("ChannelScale", b => b.Graph.Apply(new ChannelScaleOp(true), b.Input(s_image, 1), Moments(b), b.Input(s_image, 2)));
        yield return new OpCase("MaxPool", b => b.Graph.MaxPool2d(b.Input(s_image, 1), 2));
        yield return new OpCase("MaxPoolGrad", b => b.Graph.Apply(new MaxPool2dGradOp(2, 2, 0, true), b.Input(new Shape(5, 8, 8, 40), 2), b.Input(s_image, 1)));
        yield return new OpCase("MaxPoolGradOverlapping", b => b.Graph.Apply(new MaxPool2dGradOp(3, 1, 1), b.Input(s_image, 2), b.Input(s_image, 1)));
        yield return new OpCase("AvgPool", b => b.Graph.AvgPool2d(b.Input(s_image, 1), 3, 2, 1));
        yield return new OpCase("AvgPoolGrad", b => b.Graph.Apply(new AvgPool2dGradOp(3, 1, 1, s_image), b.Input(s_image, 1)));
        yield return new OpCase("GlobalAvgPool", b => b.Graph.GlobalAvgPool(b.Input(s_image, 1)));
        yield return new OpCase("GlobalAvgPoolGrad", b => b.Graph.Apply(new GlobalAvgPoolGradOp(s_image, true), b.Input(new Shape(5, 40), 1), b.Input(s_image, 2)));
        yield return new OpCase("CrossEntropy", b => b.Graph.SoftmaxCrossEntropy(b.Input(new Shape(200, 100), 1), b.Ints(TestValues.Labels(200, 100, 2)), 0.1));
        yield return new OpCase("Kl", b => b.Graph.KlDivergence(b.Input(new Shape(200, 100), 1), b.Input(new Shape(200, 100), 2)));
        yield return new OpCase("Random", b => b.Graph.Apply(new RandomOp(RandomKind.Normal, b.Type, new Shape(7, 999), 3, RandomPurpose.Augment),
            b.Ints(1, 2, 3, 4, 5, 6, 7), b.Ints(1, 0)));
        yield return new OpCase("PgdStart", b => b.Graph.Apply(new PgdStartOp(Norm.L2, 0.5, AttackStart.Uniform, 3, RandomPurpose.AttackStart), Positive(b),
            b.Ints(1, 2, 3, 4, 5), b.Ints(1, 0)));
        yield return new OpCase("PgdStartOfBudgets", b => b.Graph.Apply(new PgdStartOp(Norm.L2, 0.5, AttackStart.Uniform, 3, RandomPurpose.AttackStart),
            Positive(b), b.Ints(1, 2, 3, 4, 5), b.Ints(1, 0), b.Doubles(new Shape(2, 2), [0.1, 0.2, 0, 0]), b.Ints(0, 1, 0, 1, 1)));
    }

    private static Node Positive(GraphBench b) => b.Input(s_image, TestValues.Uniform(s_image.Count, 1, 0.1, 2));

    private static Node C(GraphBench b, int seed) => b.Input(new Shape(40), seed);

    private static Node Moments(GraphBench b) => b.Input(new Shape(2, 40), TestValues.Uniform(80, 5, 0.5, 2));
}
