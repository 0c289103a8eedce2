using Codat.Native.Autograd;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>A value with the bound inputs its gradient is checked for.</summary>
internal sealed record GradientCase(string Name, Func<GraphBench, (Node Value, Node[] Wrt)> Build)
{
    public override string ToString() => Name;
}

/// <summary>Every op with a derivative, every input and every variant, each as one case.</summary>
internal static class GradientCases
{
    private static readonly Shape s_matrix = new(3, 5);

    public static IEnumerable<TestCaseData> All()
    {
        foreach (var item in Unary().Concat(Binary()).Concat(Shapes()).Concat(MatMuls()).Concat(Losses()).Concat(BatchNorms()))
            yield return new TestCaseData(item).SetArgDisplayNames(item.Name);
    }

    public static IEnumerable<TestCaseData> Windows()
    {
        foreach (var item in Convolutions().Concat(Pools()))
            yield return new TestCaseData(item).SetArgDisplayNames(item.Name);
    }

    private static IEnumerable<GradientCase> Unary()
    {
        (string Name, Func<GraphBuilder, Node, Node> Op, bool Positive)[] ops =
        [
            ("Scale", (g, x) => g.Scale(x, -1.7), false), ("Offset", (g, x) => g.Offset(x, 0.3), false),
            ("Clamp", (g, x) => g.Clamp(x, -0.93, 1.01), false), ("Relu", (g, x) => g.Relu(x), false),
            ("Silu", (g, x) => g.Silu(x), false), ("Sigmoid", (g, x) => g.Sigmoid(x), false),
            ("Exp", (g, x) => g.Exp(x), false), ("Log", (g, x) => g.Log(x), true), ("Sqrt", (g, x) => g.Sqrt(x), true),
            ("Square", (g, x) => g.Square(x), false), ("Reciprocal", (g, x) => g.Reciprocal(x), true),
            ("Abs", (g, x) => g.Abs(x), false), ("Sign", (g, x) => g.Sign(x), false),
        ];
        foreach (var (name, op, positive) in ops)
        {
            yield return new GradientCase(name, b =>
            {
                var x = b.Input(s_matrix, positive ? TestValues.Uniform(15, 3, 0.5, 2) : TestValues.Distinct(15, 3));
                return (op(b.Graph, x), [x]);
            });
            // A value with a gradient of its own before and after: the rule must use the incoming gradient.
            yield return new GradientCase(name + "InAChain", b =>
            {
                var x = b.Input(s_matrix, positive ? TestValues.Uniform(15, 3, 0.5, 2) : TestValues.Distinct(15, 3));
                return (b.Graph.Square(b.Graph.Offset(op(b.Graph, b.Graph.Scale(x, 0.9)), 0.1)), [x]);
            });
        }
    }

    private static IEnumerable<GradientCase> Binary()
    {
        foreach (var kind in new[] { BinaryKind.Add, BinaryKind.Subtract, BinaryKind.Multiply, BinaryKind.Divide })
        {
            foreach (var spread in Enum.GetValues<Broadcast>())
            {
                yield return new GradientCase($"{kind}.{spread}", b =>
                {
                    var x = b.Input(new Shape(3, 2, 5), 1);
                    var y = b.Input(SpreadShape(spread, x.Shape), TestValues.Uniform(SpreadShape(spread, x.Shape).Count, 2, 0.5, 2));
                    return (b.Graph.Apply(new BinaryOp(kind, Spread: spread), x, y), [x, y]);
                });
            }
            yield return new GradientCase($"{kind}.WithItself", b =>
            {
                var x = b.Input(s_matrix, TestValues.Uniform(15, 2, 0.5, 2));
                return (b.Graph.Square(b.Graph.Apply(new BinaryOp(kind), x, x)), [x]);
            });
        }
        yield return new GradientCase("Multiply.ScalarOfRankZero", b =>
        {
            var (x, y) = (b.Input(s_matrix, 1), b.Input(Shape.Scalar, 2));
            return (b.Graph.MultiplyScalar(x, y), [x, y]);
        });
        yield return new GradientCase("ReluGrad.Gradient", b =>
        {
            var (dy, y) = (b.Input(s_matrix, 1), b.Input(s_matrix, TestValues.Distinct(15, 2)));
            return (b.Graph.Apply(new BinaryOp(BinaryKind.ReluGrad), dy, y), [dy]);
        });
        yield return new GradientCase("ValueUsedManyTimes", b =>
        {
            var x = b.Input(s_matrix, 1);
            var g = b.Graph;
            var e = g.Exp(x);
            return (g.Add(g.Multiply(e, x), g.Add(g.Square(e), g.Add(e, g.Sigmoid(g.Add(e, x))))), [x]);
        });
        foreach (var name in new[] { "Square", "Sigmoid", "Exp", "Log", "Sqrt", "Reciprocal", "Divide" })
        {
            yield return new GradientCase($"SecondOrder.{name}", b =>
            {
                var g = b.Graph;
                var x = b.Input(s_matrix, TestValues.Uniform(15, 3, 0.5, 2));
                var y = name switch
                {
                    "Square" => g.Square(x), "Sigmoid" => g.Sigmoid(x), "Exp" => g.Exp(x), "Log" => g.Log(x),
                    "Sqrt" => g.Sqrt(x), "Reciprocal" => g.Reciprocal(x), _ => g.Divide(g.Exp(x), x),
                };
                return (g.Gradients(g.SumAll(g.Square(y)), x)[0], [x]);
            });
        }
    }

    private static Shape SpreadShape(Broadcast spread, Shape x) => spread switch
    {
        Broadcast.Scalar => new Shape(1), Broadcast.Channel => new Shape(x[-1]), Broadcast.Row => new Shape(x[0]), _ => x,
    };

    private static IEnumerable<GradientCase> Shapes()
    {
        var shape = new Shape(3, 2, 5);
        (string Name, Func<GraphBuilder, Node, Node> Op)[] ops =
        [
            ("Reshape", (g, x) => g.Reshape(x, new Shape(5, 6))), ("Flatten", (g, x) => g.Flatten(x)),
            ("Row0", (g, x) => g.Row(x, 0)), ("Row2", (g, x) => g.Row(x, 2)), ("SumRows", (g, x) => g.SumRows(x)),
            ("SumPerRow", (g, x) => g.SumPerRow(x)), ("SumAll", (g, x) => g.SumAll(x)), ("Mean", (g, x) => g.Mean(x)),
            ("PlaceRow", (g, x) => g.Apply(new PlaceRowOp(1, new Shape(4, 3, 2, 5)), x)),
            ("SpreadChannels", (g, x) => g.Apply(new SpreadOp(ReduceKind.Channels, new Shape(3, 4, 5)), g.SumRows(x))),
            ("SpreadRows", (g, x) => g.Apply(new SpreadOp(ReduceKind.Rows, new Shape(3, 4)), g.SumPerRow(x))),
            ("SpreadAll", (g, x) => g.Apply(new SpreadOp(ReduceKind.All, new Shape(7)), g.SumAll(x))),
        ];
        foreach (var (name, op) in ops)
        {
            yield return new GradientCase(name, b =>
            {
                var x = b.Input(shape, 4);
                return (b.Graph.Square(op(b.Graph, b.Graph.Square(x))), [x]);
            });
            yield return new GradientCase($"SecondOrder.{name}", b =>
            {
                var x = b.Input(shape, 4);
                var y = op(b.Graph, b.Graph.Square(x));
                return (b.Graph.Gradients(b.Graph.SumAll(b.Graph.Multiply(y, b.Graph.Square(y))), x)[0], [x]);
            });
        }
    }

    private static IEnumerable<GradientCase> MatMuls()
    {
        foreach (var (ta, tb) in new[] { (false, false), (false, true), (true, false), (true, true) })
        {
            yield return new GradientCase($"MatMul.{ta}.{tb}", b =>
            {
                var (x, y) = (b.Input(ta ? new Shape(4, 3) : new Shape(3, 4), 1), b.Input(tb ? new Shape(5, 4) : new Shape(4, 5), 2));
                return (b.Graph.MatMul(x, y, ta, tb), [x, y]);
            });
            yield return new GradientCase($"SecondOrder.MatMul.{ta}.{tb}", b =>
            {
                var (x, y) = (b.Input(ta ? new Shape(4, 3) : new Shape(3, 4), 1), b.Input(tb ? new Shape(5, 4) : new Shape(4, 5), 2));
                return (b.Graph.Gradients(b.Graph.SumAll(b.Graph.Square(b.Graph.MatMul(x, y, ta, tb))), x)[0], [x, y]);
            });
        }
        yield return new GradientCase("Linear", b =>
        {
            var (x, w, bias) = (b.Input(new Shape(3, 7), 1), b.Input(new Shape(4, 7), 2), b.Input(new Shape(4), 3));
            return (b.Graph.Square(b.Graph.Linear(x, w, bias)), [x, w, bias]);
        });
    }

    private static IEnumerable<GradientCase> Losses()
    {
        foreach (var smoothing in new[] { 0, 0.1, 0.7 })
        {
            yield return new GradientCase($"CrossEntropy.{smoothing}", b =>
            {
                var z = b.Input(new Shape(4, 5), 1, 2);
                return (b.Graph.SoftmaxCrossEntropy(z, b.Ints(3, 0, 4, 4), smoothing), [z]);
            });
        }
        yield return new GradientCase("Kl", b =>
        {
            var (p, q) = (b.Input(new Shape(4, 5), 1), b.Input(new Shape(4, 5), 2));
            return (b.Graph.KlDivergence(p, q), [p, q]);
        });
        yield return new GradientCase("KlOfOneSource", b =>
        {
            var x = b.Input(new Shape(4, 5), 1);
            return (b.Graph.KlDivergence(x, b.Graph.Square(x)), [x]);
        });
        yield return new GradientCase("Margin", b =>
        {
            var z = b.Input(new Shape(4, 5), TestValues.Distinct(20, 1));
            return (b.Graph.Margin(z, b.Ints(3, 0, 4, 1)), [z]);
        });
        yield return new GradientCase("IntegerBranchesCarryNothing", b =>
        {
            // The largest logit's index depends on z, but has no derivative; one-hot of it weights the logits.
            var z = b.Input(new Shape(4, 5), TestValues.Distinct(20, 1));
            var g = b.Graph;
            return (g.SumPerRow(g.Multiply(g.Square(z), g.OneHot(g.ArgMax(z), 5, DType.Float64))), [z]);
        });
    }

    private static IEnumerable<GradientCase> BatchNorms()
    {
        foreach (var channels in new[] { 2, 5, 9 })
        {
            yield return new GradientCase($"BatchNorm.{channels}", b =>
            {
                var x = b.Input(new Shape(2, 2, 3, channels), 1);
                var (gamma, beta) = (b.Input(new Shape(channels), 2), b.Input(new Shape(channels), 3));
                return (b.Graph.BatchNorm(x, b.Graph.BatchMoments(x), gamma, beta, 1e-3), [x, gamma, beta]);
            });
            yield return new GradientCase($"BatchNormEval.{channels}", b =>
            {
                var x = b.Input(new Shape(2, 2, 3, channels), 1);
                var (gamma, beta) = (b.Input(new Shape(channels), 2), b.Input(new Shape(channels), 3));
                var running = b.Input(new Shape(2, channels), TestValues.Uniform(2 * channels, 4, 0.2, 2));
                return (b.Graph.BatchNormEval(x, running, gamma, beta, 1e-3), [x, gamma, beta]);
            });
        }
        yield return new GradientCase("BatchNormTwiceOnOneValue", b =>
        {
            var x = b.Input(new Shape(6, 3), 1);
            var (gamma, beta) = (b.Input(new Shape(3), 2), b.Input(new Shape(3), 3));
            var (g, moments) = (b.Graph, b.Graph.BatchMoments(x));
            return (g.Multiply(g.BatchNorm(x, moments, gamma, beta), g.BatchNorm(x, moments, beta, gamma)), [x, gamma, beta]);
        });
        yield return new GradientCase("ChannelAffine", b =>
        {
            var (x, affine) = (b.Input(new Shape(4, 5), 1), b.Input(new Shape(2, 5), 2));
            return (b.Graph.ChannelAffine(x, affine), [x, affine]);
        });
        yield return new GradientCase("SecondOrder.ChannelAffine", b =>
        {
            var (x, affine) = (b.Input(new Shape(4, 5), 1), b.Input(new Shape(2, 5), 2));
            var g = b.Graph;
            return (g.Gradients(g.SumAll(g.Square(g.Square(g.ChannelAffine(x, affine)))), x)[0], [x, affine]);
        });
    }

    private static IEnumerable<GradientCase> Convolutions()
    {
        (int H, int W, int C, int K, int R, int S, int StrideH, int StrideW, int PadH, int PadW)[] shapes =
        [
            (4, 5, 2, 3, 3, 3, 1, 1, 1, 1), (5, 4, 1, 2, 3, 3, 2, 2, 1, 1), (4, 4, 3, 4, 1, 1, 1, 1, 0, 0), (5, 5, 2, 3, 1, 1, 2, 2, 0, 0),
            (6, 5, 2, 2, 3, 2, 2, 1, 0, 1), (5, 6, 2, 3, 5, 5, 1, 1, 2, 2), (7, 7, 3, 2, 3, 3, 3, 3, 2, 0), (3, 3, 2, 2, 3, 3, 1, 1, 0, 0),
            (6, 6, 8, 16, 3, 3, 1, 1, 1, 1), (6, 6, 3, 16, 3, 3, 1, 1, 1, 1), (9, 7, 17, 18, 3, 3, 2, 2, 1, 1), (5, 5, 33, 31, 1, 1, 2, 2, 0, 0),
        ];
        foreach (var s in shapes)
        {
            var name = $"{s.H}x{s.W}x{s.C}.{s.R}x{s.S}x{s.K}.stride{s.StrideH}x{s.StrideW}.pad{s.PadH}x{s.PadW}";
            yield return new GradientCase($"Conv2d.{name}", b =>
            {
                var (x, w) = (b.Input(new Shape(2, s.H, s.W, s.C), 1), b.Input(new Shape(s.K, s.R, s.S, s.C), 2));
                return (b.Graph.Apply(new Conv2dOp(s.StrideH, s.StrideW, s.PadH, s.PadW), x, w), [x, w]);
            });
            yield return new GradientCase($"SecondOrder.Conv2d.{name}", b =>
            {
                var (x, w) = (b.Input(new Shape(2, s.H, s.W, s.C), 1), b.Input(new Shape(s.K, s.R, s.S, s.C), 2));
                var y = b.Graph.Apply(new Conv2dOp(s.StrideH, s.StrideW, s.PadH, s.PadW), x, w);
                return (b.Graph.Gradients(b.Graph.SumAll(b.Graph.Square(y)), x)[0], [x, w]);
            });
        }
    }

    private static IEnumerable<GradientCase> Pools()
    {
        foreach (var (size, stride, padding, h, w, c) in new[]
            { (2, 2, 0, 4, 6, 2), (2, 2, 0, 5, 5, 9), (3, 2, 1, 5, 6, 2), (3, 1, 1, 4, 4, 9), (2, 1, 1, 3, 4, 1), (3, 3, 0, 8, 7, 3) })
        {
            var name = $"{size}.{stride}.{padding}.{h}x{w}x{c}";
            var shape = new Shape(2, h, w, c);
            yield return new GradientCase($"MaxPool.{name}", b =>
            {
                var x = b.Input(shape, TestValues.Distinct(shape.Count, 1));
                return (b.Graph.MaxPool2d(x, size, stride, padding), [x]);
            });
            yield return new GradientCase($"AvgPool.{name}", b =>
            {
                var x = b.Input(shape, 1);
                return (b.Graph.AvgPool2d(x, size, stride, padding), [x]);
            });
            yield return new GradientCase($"SecondOrder.AvgPool.{name}", b =>
            {
                var x = b.Input(shape, 1);
                var y = b.Graph.AvgPool2d(x, size, stride, padding);
                return (b.Graph.Gradients(b.Graph.SumAll(b.Graph.Multiply(y, b.Graph.Square(y))), x)[0], [x]);
            });
        }
        yield return new GradientCase("GlobalAvgPool", b =>
        {
            var x = b.Input(new Shape(2, 3, 4, 5), 1);
            return (b.Graph.GlobalAvgPool(x), [x]);
        });
        yield return new GradientCase("SecondOrder.GlobalAvgPool", b =>
        {
            var x = b.Input(new Shape(2, 3, 4, 5), 1);
            var y = b.Graph.GlobalAvgPool(x);
            return (b.Graph.Gradients(b.Graph.SumAll(b.Graph.Multiply(y, b.Graph.Square(y))), x)[0], [x]);
        });
    }
}
