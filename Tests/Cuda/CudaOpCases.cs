using Codat.Native.Autograd;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Ops at the edges: odd channels, single rows, ties, NaN, empty classes, failed steps, every rule of an op.</summary>
internal static class CudaOpCases
{
    private static readonly Shape s_odd = new(3, 5, 7, 13);
    private static readonly Shape s_even = new(2, 6, 6, 24);

    public static IEnumerable<TestCaseData> Cases()
    {
        foreach (var item in All()) yield return new TestCaseData(item).SetArgDisplayNames(item.Name);
    }

    private static IEnumerable<CudaCase> All() =>
        [.. Pointwise(), .. BatchNorm(), .. Pools(), .. Sums(), .. Rows(), .. Steps(), .. Attacks(), .. Tallies(), .. Images()];

    private static IEnumerable<CudaCase> Pointwise()
    {
        foreach (var shape in new[] { new Shape(1), s_odd, s_even })
        {
            var edge = shape.Count > 1 ? shape.Count : 1;
            foreach (var kind in new[] { UnaryKind.Clamp, UnaryKind.Relu, UnaryKind.Abs, UnaryKind.Sign, UnaryKind.Scale })
                yield return CudaCase.Of($"{kind}.{edge}", Agreement.Exact,
                    b => b.Graph.Apply(new UnaryOp(kind, -0.25, 0.5), b.Input(shape, WithNaN(shape, 1))));
            foreach (var kind in new[] { BinaryKind.Add, BinaryKind.Divide, BinaryKind.ReluGrad, BinaryKind.ClampGrad })
                yield return CudaCase.Of($"{kind}.{edge}", Agreement.Exact, b => b.Graph.Apply(
                    new BinaryOp(kind, -0.25, 0.5), b.Input(shape, 1), b.Input(shape, WithNaN(shape, 2))));
        }
        foreach (var shape in new[] { s_odd, s_even })
        {
            foreach (var (spread, other) in new[]
            {
                (Broadcast.Scalar, new Shape(1)), (Broadcast.Channel, new Shape(shape.Channels)),
                (Broadcast.Row, new Shape(shape[0])),
            })
                yield return CudaCase.Of($"Subtract.{spread}.{shape.Channels}", Agreement.Exact, b => b.Graph.Apply(
                    new BinaryOp(BinaryKind.Subtract, Spread: spread), b.Input(shape, 1), b.Input(other, 2)));
            yield return CudaCase.Of($"Fill.{shape.Channels}", Agreement.Exact,
                b => b.Graph.Add(b.Input(shape, 1), b.Graph.Apply(new FillOp(b.Type, shape, 0.1))));
            yield return CudaCase.Of($"Row.{shape.Channels}", Agreement.Exact, b => b.Graph.Row(b.Input(shape, 1), 1));
            yield return CudaCase.Of($"PlaceRow.{shape.Channels}", Agreement.Exact, b => b.Graph.Apply(
                new PlaceRowOp(1, shape), b.Input(new Shape(shape[1], shape[2], shape[3]), 1)));
            foreach (var kind in Enum.GetValues<ReduceKind>())
                yield return CudaCase.Of($"Spread{kind}.{shape.Channels}", Agreement.Exact, b => b.Graph.Apply(
                    new SpreadOp(kind, shape), b.Input(
                        kind switch
                        {
                            ReduceKind.All => Shape.Scalar, ReduceKind.Rows => new Shape(shape[0]),
                            _ => new Shape(shape.Channels),
                        }, 1)));
        }
        yield return new CudaCase("Store", Agreement.Exact, b =>
        {
            // The same value twice, so that one store cannot be elided.
            var value = b.Graph.Square(b.Input(s_odd, 1));
            return [b.Output(value), b.Output(value)];
        });
    }

    private static IEnumerable<CudaCase> BatchNorm()
    {
        foreach (var shape in new[] { s_odd, s_even, new Shape(1, 3), new Shape(4000, 3), new Shape(700, 130) })
        {
            var c = shape.Channels;
            Node Moments(GraphBench b) => b.Input(new Shape(2, c), TestValues.Uniform(2 * c, 5, 0.5, 2));
            Node C(GraphBench b, int seed) => b.Input(new Shape(c), seed);
            yield return CudaCase.Of($"BatchMoments.{shape}", Agreement.Close, b => b.Graph.BatchMoments(b.Input(shape, 1)));
            yield return CudaCase.Of($"BatchNormSums.{shape}", Agreement.Close, b => b.Graph.Apply(
                new BatchNormSumsOp(1e-5), b.Input(shape, 1), b.Input(shape, 2), Moments(b)));
            foreach (var (residual, relu) in new[] { (false, false), (true, true) })
            {
                yield return CudaCase.Of($"BatchNorm.{residual}.{shape}", Agreement.Exact, b =>
                {
                    var op = new BatchNormOp(1e-5, residual, relu);
                    return residual
                        ? b.Graph.Apply(op, b.Input(shape, WithNaN(shape, 1)), Moments(b), C(b, 2), C(b, 3), b.Input(shape, 4))
                        : b.Graph.Apply(op, b.Input(shape, 1), Moments(b), C(b, 2), C(b, 3));
                });
                yield return CudaCase.Of($"ChannelAffine.{residual}.{shape}", Agreement.Exact, b => residual
                    ? b.Graph.Apply(new ChannelAffineOp(true, relu), b.Input(shape, 1), Moments(b), b.Input(shape, 2))
                    : b.Graph.Apply(new ChannelAffineOp(false, relu), b.Input(shape, 1), Moments(b)));
            }
            yield return CudaCase.Of($"ChannelScale.{shape}", Agreement.Exact, b => b.Graph.Apply(
                new ChannelScaleOp(true), b.Input(shape, 1), Moments(b), b.Input(shape, WithNaN(shape, 2))));
            yield return CudaCase.Of($"BatchNormInputGrad.{shape}", Agreement.Exact, b => b.Graph.Apply(
                new BatchNormInputGradOp(1e-5), b.Input(shape, 1), b.Input(shape, 2), Moments(b), C(b, 3),
                b.Input(new Shape(2, c), 4)));
            yield return CudaCase.Of($"FoldMoments.{shape}", Agreement.Exact,
                b => b.Graph.Apply(new FoldMomentsOp(1e-5), C(b, 1), C(b, 2), Moments(b)));
            foreach (var status in new[] { 0, 1 })
                yield return new CudaCase($"UpdateRunning.{status}.{shape}", Agreement.Exact, b =>
                {
                    var running = b.Tensor(new Shape(2, c), TestValues.Uniform(2 * c, 6, 0.5, 2));
                    b.Graph.Apply(new UpdateRunningMomentsOp(0.1, shape.Rows), b.Graph.Bind(running), Moments(b),
                        b.Graph.Bind(b.Status(status)));
                    return [running];
                });
        }
        yield return CudaCase.Of("ScaleFilters", Agreement.Exact, b => b.Graph.Apply(
            new ScaleFiltersOp(), b.Input(new Shape(6, 3, 3, 5), 1), b.Input(new Shape(2, 6), 2)));
    }

    private static IEnumerable<CudaCase> Pools()
    {
        foreach (var shape in new[] { s_odd, s_even })
        {
            foreach (var (size, stride, pad) in new[] { (2, 2, 0), (3, 1, 1), (3, 2, 1), (2, 1, 0), (1, 2, 0) })
            {
                var window = new PoolWindow(size, stride, pad);
                var small = new Shape(shape[0], window.Out(shape[1]), window.Out(shape[2]), shape[3]);
                var name = $"{size}.{stride}.{pad}.{shape.Channels}";
                // Rounded numbers have ties.
                Node X(GraphBench b) => b.Input(shape, Rounded(shape, 1));
                yield return CudaCase.Of($"MaxPool.{name}", Agreement.Exact,
                    b => b.Graph.Apply(new MaxPool2dOp(size, stride, pad), b.Input(shape, WithNaN(shape, 1))));
                yield return CudaCase.Of($"AvgPool.{name}", Agreement.Exact,
                    b => b.Graph.Apply(new AvgPool2dOp(size, stride, pad), X(b)));
                foreach (var mask in new[] { false, true })
                    yield return CudaCase.Of($"MaxPoolGrad.{mask}.{name}", Agreement.Exact,
                        b => b.Graph.Apply(new MaxPool2dGradOp(size, stride, pad, mask), b.Input(small, 2), X(b)));
                yield return CudaCase.Of($"AvgPoolGrad.{name}", Agreement.Close,
                    b => b.Graph.Apply(new AvgPool2dGradOp(size, stride, pad, shape), b.Input(small, 2)));
            }
            yield return CudaCase.Of($"GlobalAvgPool.{shape.Channels}", Agreement.Exact, b => b.Graph.GlobalAvgPool(b.Input(shape, 1)));
            foreach (var mask in new[] { false, true })
                yield return CudaCase.Of($"GlobalAvgPoolGrad.{mask}.{shape.Channels}", Agreement.Exact, b =>
                {
                    var dy = b.Input(new Shape(shape[0], shape[3]), 2);
                    var op = new GlobalAvgPoolGradOp(shape, mask);
                    return mask ? b.Graph.Apply(op, dy, b.Input(shape, WithNaN(shape, 3))) : b.Graph.Apply(op, dy);
                });
        }
    }

    private static IEnumerable<CudaCase> Sums()
    {
        foreach (var shape in new[] { new Shape(1, 1), new Shape(7, 300), new Shape(1, 5), new Shape(2000, 37), new Shape(64, 1024) })
            foreach (var kind in Enum.GetValues<ReduceKind>())
                yield return CudaCase.Of($"Sum{kind}.{shape}", Agreement.Close, b => b.Graph.Apply(new ReduceOp(kind), b.Input(shape, 1)));
    }

    private static IEnumerable<CudaCase> Rows()
    {
        foreach (var (n, k) in new[] { (1, 2), (9, 10), (5, 33), (3, 100) })
        {
            var shape = new Shape(n, k);
            Node Logits(GraphBench b, int seed = 1) => b.Input(shape, Rounded(shape, seed));
            Node Labels(GraphBench b) => b.Ints(TestValues.Labels(n, k, 2));
            var name = $"{n}x{k}";
            foreach (var smoothing in new[] { 0, 0.1 })
            {
                yield return CudaCase.Of($"CrossEntropy.{smoothing}.{name}", Agreement.Close,
                    b => b.Graph.Apply(new SoftmaxCrossEntropyOp(smoothing), Logits(b), Labels(b)));
                yield return CudaCase.Of($"CrossEntropyGrad.{smoothing}.{name}", Agreement.Close, b => b.Graph.Apply(
                    new SoftmaxCrossEntropyGradOp(smoothing), Logits(b), Labels(b), b.Input(new Shape(n), 3)));
            }
            yield return CudaCase.Of($"CrossEntropy.NaN.{name}", Agreement.Close,
                b => b.Graph.Apply(new SoftmaxCrossEntropyOp(0), b.Input(shape, WithNaN(shape, 1)), Labels(b)));
            yield return CudaCase.Of($"Margin.{name}", Agreement.Exact, b => b.Graph.Apply(new MarginOp(), Logits(b), Labels(b)));
            yield return CudaCase.Of($"MarginGrad.{name}", Agreement.Exact, b => b.Graph.Apply(
                new MarginGradOp(), Logits(b), Labels(b), b.Input(new Shape(n), 3)));
            yield return CudaCase.Of($"MarginGrad.NaN.{name}", Agreement.Exact, b => b.Graph.Apply(
                new MarginGradOp(), b.Input(shape, WithNaN(shape, 1)), Labels(b), b.Input(new Shape(n), 3)));
            yield return CudaCase.Of($"OneHot.{name}", Agreement.Exact, b => b.Graph.Apply(new OneHotOp(k, b.Type), Labels(b)));
            yield return CudaCase.Of($"ArgMax.{name}", Agreement.Exact, b => b.Graph.Apply(new ArgMaxOp(), Logits(b)));
            yield return CudaCase.Of($"ArgMax.NaN.{name}", Agreement.Exact,
                b => b.Graph.Apply(new ArgMaxOp(), b.Input(shape, WithNaN(shape, 1))));
            yield return CudaCase.Of($"Kl.{name}", Agreement.Close, b => b.Graph.Apply(new KlDivergenceOp(), Logits(b), Logits(b, 4)));
            foreach (var side in new[] { 0, 1 })
                yield return CudaCase.Of($"KlGrad.{side}.{name}", Agreement.Close, b => b.Graph.Apply(
                    new KlDivergenceGradOp(side), Logits(b), Logits(b, 4), b.Input(new Shape(n), 3)));
            yield return CudaCase.Of($"ClassRisk.{name}", Agreement.Close, b => b.Graph.Apply(
                new ClassRiskOp(k + 1), b.Input(new Shape(n), 1), Labels(b)));
            yield return CudaCase.Of($"Gather.{name}", Agreement.Exact, b => b.Graph.Apply(
                new GatherByLabelOp(b.Type), b.Doubles(new Shape(k), TestValues.Normal(k, 5)), Labels(b)));
        }
    }

    private static IEnumerable<CudaCase> Steps()
    {
        foreach (var count in new[] { 1, 7, 1003, 4096 })
        {
            foreach (var (nesterov, status) in new[] { (false, 0), (true, 0), (true, 3) })
                yield return new CudaCase($"Sgd.{count}.{nesterov}.{status}", Agreement.Exact, b =>
                {
                    var (w, v) = (b.Tensor(new Shape(count), TestValues.Normal(count, 1)), b.Tensor(new Shape(count), TestValues.Normal(count, 2)));
                    b.Graph.Apply(new SgdStepOp(0.9, 5e-4, nesterov), b.Graph.Bind(w), b.Graph.Bind(v), b.Input(new Shape(count), 3),
                        b.Input(new Shape(1), [0.1]), b.Graph.Bind(b.Status(status)));
                    return [w, v];
                });
            foreach (var status in new[] { 0, 1 })
                yield return new CudaCase($"Perturb.{count}.{status}", Agreement.Close, b =>
                {
                    var weights = b.Tensor(new Shape(count), TestValues.Normal(count, 1));
                    b.Graph.Apply(new WeightPerturbOp(0.01), b.Graph.Bind(weights), b.Input(new Shape(count), 2),
                        b.Graph.Bind(b.Status(status)));
                    return [weights];
                });
            foreach (var status in new[] { 0, 1 })
                yield return new CudaCase($"Average.{count}.{status}", Agreement.Exact, b =>
                {
                    var average = b.Tensor(new Shape(count), TestValues.Normal(count, 1));
                    b.Graph.Apply(new AverageStepOp(0.995), b.Graph.Bind(average), b.Input(new Shape(count), 2),
                        b.Graph.Bind(b.Status(status)));
                    return [average];
                });
        }
    }

    private static IEnumerable<CudaCase> Tallies()
    {
        foreach (var (rows, classes) in new[] { (40, 10), (7, 300), (1, 1) })
        {
            var labels = TestValues.Labels(rows, classes, 2);
            foreach (var status in new[] { 0, 1 })
            {
                yield return new CudaCase($"SoftmaxTally.{rows}.{classes}.{status}", Agreement.Exact, b =>
                {
                    var table = b.DoubleTensor(new Shape(classes, classes + 1), TestValues.Uniform(classes * (classes + 1), 3, 0, 9));
                    b.Graph.Apply(new SoftmaxTallyOp(), b.Graph.Bind(table), b.Input(new Shape(rows, classes), 5, 4), b.Ints(labels),
                        b.Graph.Bind(b.Status(status, count: 2)));
                    return [table];
                });
                yield return new CudaCase($"Bandit.{rows}.{classes}.{status}", Agreement.Exact, b =>
                {
                    var weights = b.DoubleTensor(new Shape(classes), TestValues.Uniform(classes, 3, 0, 9));
                    double[] prior = [.. TestValues.Uniform(classes, 4, 0, 1).Select((p, k) => k == 2 ? 0 : p)];
                    int[] predicted = [.. labels.Select((label, n) => n % 3 == 1 ? label : -1)];
                    for (var i = 0; i < 2; i++)
                        b.Graph.Apply(new BanditOp(0.3, 0.2), b.Graph.Bind(weights), b.Doubles(new Shape(classes), prior), b.Ints(predicted),
                            b.Ints(labels), b.Graph.Bind(b.Status(status, count: 2)));
                    return [weights];
                });
                yield return new CudaCase($"RecordStep.{rows}.{classes}.{status}", Agreement.Exact, b =>
                {
                    var width = StepRing.TableAt + StepRecord.Rows * classes;
                    var (ring, next) = (b.DoubleTensor(new Shape(3, width), new double[3 * width]), b.Status(1));
                    // Three steps into three rows, from the second on: past the end and on at the start.
                    for (var i = 0; i < 3; i++)
                    {
                        int[] predicted = [.. labels.Select((label, n) => n % 3 == i ? label : -1)];
                        b.Graph.Apply(new RecordStepOp(), b.Graph.Bind(ring), b.Graph.Bind(next), b.Graph.Bind(b.Status(status, count: 2)),
                            b.Doubles(new Shape(StepRecord.Scalars), TestValues.Uniform(StepRecord.Scalars, i, 0, 9)),
                            b.Doubles(new Shape(StepRecord.Rows, classes), TestValues.Uniform(StepRecord.Rows * classes, 5 + i, 0, 9)),
                            b.Ints(predicted), b.Ints(labels));
                    }
                    return [ring, next];
                });
                yield return new CudaCase($"HitTally.{rows}.{classes}.{status}", Agreement.Exact, b =>
                {
                    var table = b.DoubleTensor(new Shape(2, classes), TestValues.Uniform(2 * classes, 3, 0, 9));
                    int[] predicted = [.. labels.Select((label, n) => n % 3 == 0 ? -1 : n % 3 == 1 ? label : (label + 1) % classes)];
                    b.Graph.Apply(new HitTallyOp(), b.Graph.Bind(table), b.Ints(predicted), b.Ints(labels),
                        b.Graph.Bind(b.Status(status, count: 2)));
                    return [table];
                });
            }
        }
    }

    private static IEnumerable<CudaCase> Attacks()
    {
        foreach (var shape in new[] { new Shape(3, 5, 5, 3), new Shape(2, 8, 8, 4), new Shape(1, 1) })
        {
            var run = (int)(shape.Count / shape[0]);
            int[] ids = [.. Enumerable.Range(11, shape[0])];
            Node Clean(GraphBench b) => b.Input(shape, TestValues.Uniform(shape.Count, 1, 0, 1));
            foreach (var norm in Enum.GetValues<Norm>())
            {
                foreach (var start in Enum.GetValues<AttackStart>())
                {
                    var exact = start == AttackStart.Zero || (start == AttackStart.Uniform && norm == Norm.Linf);
                    yield return CudaCase.Of($"PgdStart.{norm}.{start}.{run}", exact ? Agreement.Exact : Agreement.Close,
                        b => b.Graph.Apply(new PgdStartOp(norm, 0.3, start, 0x1234_5678_9abcul, RandomPurpose.EvaluationStart),
                            Clean(b), b.Ints(ids), b.Ints(4, 2)));
                }
                int[] columns = [.. Enumerable.Range(0, shape[0]).Select(n => 2 - n)];
                Node[] Budget(GraphBench b) => [b.Doubles(new Shape(2, 3), [0, 3, 1, 0.2, 5, 0.4]), b.Ints(columns)];
                yield return CudaCase.Of($"PgdStart.{norm}.Budget.{run}", norm == Norm.Linf ? Agreement.Exact : Agreement.Close,
                    b => b.Graph.Apply(new PgdStartOp(norm, 0.3, AttackStart.Uniform, 7, RandomPurpose.AttackStart),
                        [Clean(b), b.Ints(ids), b.Ints(4, 2), .. Budget(b)]));
                yield return new CudaCase($"PgdStep.{norm}.Budget.{run}", norm == Norm.Linf ? Agreement.Exact : Agreement.Close, b =>
                {
                    var x = b.Tensor(shape, TestValues.Uniform(shape.Count, 3, 0, 1));
                    b.Graph.Apply(new PgdStepOp(norm, 0.2, 0.05), [b.Graph.Bind(x), b.Input(shape, 2), Clean(b), .. Budget(b)]);
                    return [x];
                });
                foreach (var size in new[] { 1, 0, 1e-42 })
                    yield return new CudaCase($"PgdStep.{norm}.{size}.{run}",
                        norm == Norm.Linf ? Agreement.Exact : Agreement.Close, b =>
                        {
                            var x = b.Tensor(shape, TestValues.Uniform(shape.Count, 3, 0, 1));
                            b.Graph.Apply(new PgdStepOp(norm, 0.2, 0.05), b.Graph.Bind(x), b.Input(shape, 2, size), Clean(b));
                            return [x];
                        });
            }
            int[] predicted = [.. Enumerable.Range(0, shape[0]).Select(n => n % 2)];
            yield return new CudaCase($"Boundary.{run}", Agreement.Exact, b =>
            {
                var kept = b.Tensor(shape, TestValues.Uniform(shape.Count, 3, 0, 1));
                var wrong = b.Status(1, shape[0]);
                foreach (var seed in new[] { 4, 5 })
                    b.Graph.Apply(new BoundaryOp(), b.Graph.Bind(kept), b.Graph.Bind(wrong), b.Input(shape, seed), b.Ints(predicted),
                        b.Ints(new int[shape[0]]));
                return [kept, wrong];
            });
            foreach (var loss in Enum.GetValues<LogitLoss>())
            {
                Node Of(GraphBench b, bool gradient)
                {
                    var z = b.Input(new Shape(shape[0], run + 4), 5, 2);
                    int[] labels = [.. ids.Select(id => id % (run + 4))];
                    Node[] rest = [b.Ints(labels), b.Ints([.. labels.Select(l => (l + 2) % (run + 4))])];
                    return gradient
                        ? b.Graph.Apply(new LogitLossGradOp(loss), z, rest[0], rest[1], b.Input(new Shape(shape[0]), 6))
                        : b.Graph.Apply(new LogitLossOp(loss), z, rest[0], rest[1]);
                }
                yield return CudaCase.Of($"LogitLoss.{loss}.{run}", Agreement.Exact, b => Of(b, false));
                yield return CudaCase.Of($"LogitLossGrad.{loss}.{run}", Agreement.Exact, b => Of(b, true));
            }
            foreach (var norm in Enum.GetValues<Norm>())
                yield return new CudaCase($"AttackTrace.{norm}.{run}", Agreement.Exact, b =>
                {
                    var images = shape[0];
                    var counts = b.Status(-7, images * 3 * AttackTraceOp.Counts).View(0, new Shape(images, 3, AttackTraceOp.Counts), "counts");
                    var losses = b.Tensor(new Shape(images, 3), TestValues.Uniform(images * 3, 6, 0, 1));
                    var before = b.Tensor(shape, TestValues.Normal(shape.Count, 7));
                    var x = b.Tensor(shape, TestValues.Uniform(shape.Count, 3, 0, 1));
                    // Steps taken: from none to more than are noted.
                    b.Graph.Apply(new AttackTraceOp(norm, 0.2), b.Graph.Bind(counts), b.Graph.Bind(losses), b.Graph.Bind(before),
                        b.Ints([.. Enumerable.Range(0, images).Select(n => 2 * n)]), b.Graph.Bind(x), b.Input(shape, 2), Clean(b), b.Input(new Shape(images), 8));
                    return [losses, before, counts];
                });
            yield return new CudaCase($"FirstSuccess.{run}", Agreement.Exact, b =>
            {
                var (first, taken) = (b.Status(-1, shape[0]), b.Status(3, shape[0]));
                b.Graph.Apply(new FirstSuccessOp(), b.Graph.Bind(first), b.Graph.Bind(taken), b.Ints(ids), b.Ints([.. ids.Select(id => id / 12 * 12)]));
                return [first, taken];
            });
            foreach (var kind in Enum.GetValues<RandomKind>())
                yield return CudaCase.Of($"Random.{kind}.{run}", kind == RandomKind.Uniform ? Agreement.Exact : Agreement.Close,
                    b => b.Graph.Apply(new RandomOp(kind, b.Type, shape, ulong.MaxValue - 5, RandomPurpose.Augment),
                        b.Ints(ids), b.Ints(3, 1)));
        }
    }

    private static IEnumerable<CudaCase> Images()
    {
        foreach (var channels in new[] { 1, 3 })
            yield return new CudaCase($"LoadImages.{channels}", Agreement.Exact, b =>
            {
                var pixels = new byte[4 * 6 * 5 * channels];
                new Random(1).NextBytes(pixels);
                var images = b.Bytes(new Shape(4, 6, 5, channels), pixels);
                // Still, moved out on every side, mirrored and moved.
                var moves = b.Graph.Reshape(b.Ints(0, 0, 0, 2, -3, 0, 0, 0, 1, -4, 5, 1), new Shape(4, 3));
                var chosen = b.Graph.Reshape(b.Ints(0, 0, 0, 2, -3, 1), new Shape(2, 3));
                return
                [
                    b.Output(b.Graph.Apply(new LoadImagesOp(b.Type), images, moves)),
                    b.Output(b.Graph.Apply(new LoadImagesOp(b.Type), images, chosen, b.Ints(3, 0))),
                ];
            });
    }

    private static double[] Rounded(Shape shape, int seed) =>
        Array.ConvertAll(TestValues.Normal(shape.Count, seed), v => Math.Round(2 * v) / 2);

    /// <summary>Rounded numbers, every 17th not a number.</summary>
    private static double[] WithNaN(Shape shape, int seed)
    {
        var values = Rounded(shape, seed);
        for (var i = 5; i < values.Length; i += 17) values[i] = double.NaN;
        return values;
    }
}
