using Codat.Native.Autograd;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.All))]
internal sealed class PgdOpTests(TestDevice target)
{
    private const int N = 5, Length = 67;
    private static readonly Shape s_shape = new(N, Length);

    /// <summary>Factors of radii over those of steps of four classes; the second stays clean, the third stands still.</summary>
    private static readonly double[] s_budget = [1, 0, 0.7, 30, 1, 10, 0, 50];
    private static readonly int[] s_columns = [0, 1, 3, 2, 0];

    [Test]
    public void Step_AgainstLoops_Agrees([Values(DType.Float32, DType.Float64)] DType type, [Values] Norm norm,
        [Values(0.01, 0.3, 10)] double epsilon, [Values(0.002, 0.2, 20)] double step)
    {
        var clean = TestValues.Uniform(N * Length, 1, 0, 1);
        // On and near the edges of the box, and in the interior.
        for (var i = 0; i < clean.Length; i += 5) clean[i] = i % 2;
        var gradient = TestValues.Normal(N * Length, 2, 1e-3);
        for (var i = 0; i < gradient.Length; i += 7) gradient[i] = i % 2 == 0 ? 0 : -0.0;
        var x = NaiveOps.Zip(clean, TestValues.Uniform(N * Length, 3, -1, 1), (c, d) => (float)Math.Clamp(c + epsilon * d / (norm == Norm.L2 ? 8 : 1), 0, 1));

        var moved = Step(type, norm, epsilon, step, x, gradient, clean);

        Expect.Close(moved, NaiveStep(norm, epsilon, step, x, gradient, clean), type == DType.Float32 ? 3e-7 : 1e-15);
        CheckInside(moved, clean, norm, epsilon, type);
    }

    [Test]
    public void Step_ZeroGradient_MovesNothing([Values(DType.Float32, DType.Float64)] DType type, [Values] Norm norm)
    {
        var clean = TestValues.Uniform(N * Length, 1, 0.2, 0.8);
        var x = NaiveOps.Map(clean, v => (float)(v + 0.01));

        var moved = Step(type, norm, 0.5, 0.1, x, new double[N * Length], clean);

        Expect.Close(moved, x, type == DType.Float32 ? 1e-7 : 1e-15);
    }

    [Test]
    public void Step_TinyGradient_MovesAFullStep([Values(DType.Float32, DType.Float64)] DType type, [Values] Norm norm,
        [Values(1e-30, 1e-38, 1e-41, 1e-44)] double size)
    {
        // A confident network's gradients underflow: the step may not become infinite, or NaN after the projection.
        var clean = new double[N * Length];
        Array.Fill(clean, 0.5);
        var gradient = new double[N * Length];
        for (var n = 0; n < N; n++) gradient[n * Length + n] = (float)size;

        var moved = Step(type, norm, 0.5, 0.125, clean, gradient, clean);

        for (var n = 0; n < N; n++)
            for (var i = 0; i < Length; i++) Assert.That(moved[n * Length + i], Is.EqualTo(i == n ? 0.625 : 0.5).Within(1e-6));
    }

    [Test]
    public void Step_OutsideTheBall_ComesBackToIt([Values(DType.Float32, DType.Float64)] DType type, [Values] Norm norm)
    {
        var clean = TestValues.Uniform(N * Length, 1, 0.3, 0.7);
        var x = NaiveOps.Map(clean, v => (float)(v + 0.25));

        var moved = Step(type, norm, 0.1, 0, x, TestValues.Normal(N * Length, 2), clean);

        CheckInside(moved, clean, norm, 0.1, type);
        for (var i = 0; i < moved.Length; i++)
            Assert.That(moved[i] - clean[i], Is.EqualTo(norm == Norm.Linf ? 0.1 : 0.1 / Math.Sqrt(Length)).Within(1e-6));
    }

    [Test]
    public void Start_Zero_IsTheCleanImage([Values(DType.Float32, DType.Float64)] DType type, [Values] Norm norm)
    {
        var clean = TestValues.Uniform(N * Length, 1, 0, 1);

        Expect.SameBits(Start(type, norm, AttackStart.Zero, 0.1, clean, N), clean);
    }

    [Test]
    public void Start_Uniform_FillsTheBallEvenly([Values(DType.Float32, DType.Float64)] DType type, [Values] Norm norm)
    {
        const int Images = 4000, Size = 3;
        const double Epsilon = 0.25;
        var clean = new double[Images * Size];
        Array.Fill(clean, 0.5);

        var start = Start(type, norm, AttackStart.Uniform, Epsilon, clean, Images);

        // Of a uniform point the maximum over d coordinates (linf) or the length (l2), over epsilon, to the power d is uniform.
        double mean = 0, square = 0;
        for (var n = 0; n < Images; n++)
        {
            double size = 0;
            for (var i = 0; i < Size; i++)
            {
                var d = (start[n * Size + i] - 0.5) / Epsilon;
                size = norm == Norm.Linf ? Math.Max(size, Math.Abs(d)) : size + d * d;
            }
            var u = Math.Pow(norm == Norm.Linf ? size : Math.Sqrt(size), Size);
            Assert.That(u, Is.LessThan(1 + 1e-5));
            mean += u / Images;
            square += u * u / Images;
        }
        Assert.That(mean, Is.EqualTo(0.5).Within(5 * Math.Sqrt(1.0 / 12 / Images)));
        Assert.That(square, Is.EqualTo(1.0 / 3).Within(5 * Math.Sqrt((1.0 / 5 - 1.0 / 9) / Images)));
        for (var i = 0; i < Size; i++)
        {
            double direction = 0;
            for (var n = 0; n < Images; n++) direction += (start[n * Size + i] - 0.5) / Epsilon / Images;
            Assert.That(direction, Is.EqualTo(0).Within(5 * Math.Sqrt(1.0 / 3 / Images)));
        }
    }

    [Test]
    public void Start_Gaussian_HasTheDeviationOfTrades([Values(DType.Float32, DType.Float64)] DType type)
    {
        const int Images = 100, Size = 200;
        var clean = new double[Images * Size];
        Array.Fill(clean, 0.5);

        var start = Start(type, Norm.Linf, AttackStart.Gaussian, 0.1, clean, Images);

        double mean = 0, square = 0;
        foreach (var v in start)
        {
            mean += (v - 0.5) / start.Length;
            square += (v - 0.5) * (v - 0.5) / start.Length;
        }
        Assert.That(mean, Is.EqualTo(0).Within(5 * 0.001 / Math.Sqrt(start.Length)));
        Assert.That(square, Is.EqualTo(1e-6).Within(5 * 1e-6 * Math.Sqrt(2.0 / start.Length)));
    }

    [Test]
    public void Start_AnyKind_StaysInsideBoxAndBall([Values(DType.Float32, DType.Float64)] DType type, [Values] Norm norm,
        [Values] AttackStart kind, [Values(0.03, 2)] double epsilon)
    {
        var clean = TestValues.Uniform(N * Length, 1, 0, 1);
        for (var i = 0; i < clean.Length; i += 3) clean[i] = i % 2;

        var start = Start(type, norm, kind, epsilon, clean, N);

        if (kind == AttackStart.Gaussian) Assert.That(start, Is.All.InRange(0, 1));
        else CheckInside(start, clean, norm, epsilon, type);
    }

    [Test]
    public void Step_BudgetOfItsOwn_IsEachImagesOwnStep([Values(DType.Float32, DType.Float64)] DType type, [Values] Norm norm)
    {
        var clean = TestValues.Uniform(N * Length, 1, 0, 1);
        var gradient = TestValues.Normal(N * Length, 2, 1e-3);
        var x = NaiveOps.Zip(clean, TestValues.Uniform(N * Length, 3, -0.1, 0.1), (c, d) => (float)Math.Clamp(c + d, 0, 1));

        var moved = Step(type, norm, 0.1, 0.01, x, gradient, clean, s_budget, s_columns);

        for (var n = 0; n < N; n++)
        {
            var own = Step(type, norm, 0.1 * s_budget[s_columns[n]], 0.01 * s_budget[4 + s_columns[n]], x, gradient, clean);
            Expect.SameBits(moved[(n * Length)..((n + 1) * Length)], own[(n * Length)..((n + 1) * Length)]);
        }
        Expect.SameBits(moved[Length..(2 * Length)], clean[Length..(2 * Length)].Select(v => Rounded(type, v)).ToArray());
    }

    [Test]
    public void Start_BudgetOfItsOwn_IsEachImagesOwnStart([Values(DType.Float32, DType.Float64)] DType type, [Values] Norm norm,
        [Values] AttackStart kind)
    {
        var clean = TestValues.Uniform(N * Length, 1, 0, 1);

        var start = Start(type, norm, kind, 0.1, clean, N, s_budget, s_columns);

        for (var n = 0; n < N; n++)
        {
            var own = Start(type, norm, kind, 0.1 * s_budget[s_columns[n]], clean, N);
            Expect.SameBits(start[(n * Length)..((n + 1) * Length)], own[(n * Length)..((n + 1) * Length)]);
        }
    }

    [Test]
    public void Apply_BudgetsOfAnotherShape_AreRefused()
    {
        using var device = target.Create();
        using var bench = new GraphBench(device, DType.Float32);
        Node Image() => bench.Input(s_shape, 1);
        var table = bench.Doubles(new Shape(2, 4), s_budget);

        Assert.Throws<ShapeException>(() => bench.Graph.Apply(new PgdStepOp(Norm.Linf, 1, 1), Image(), Image(), Image(), table));
        Assert.Throws<ShapeException>(() => bench.Graph.Apply(new PgdStepOp(Norm.Linf, 1, 1), Image(), Image(), Image(), table, bench.Ints(1)));
        Assert.Throws<ShapeException>(() => bench.Graph.Apply(new PgdStepOp(Norm.Linf, 1, 1), Image(), Image(), Image(),
            bench.Doubles(new Shape(4), [1, 2, 3, 4]), bench.Ints(s_columns)));
        Assert.Throws<ShapeException>(() => bench.Graph.Apply(
            new PgdStartOp(Norm.Linf, 1, AttackStart.Zero, 0, RandomPurpose.AttackStart), Image(), bench.Ints(0, 1, 2, 3, 4), bench.Ints(0, 0), table));
    }

    private static double Rounded(DType type, double value) => type == DType.Float32 ? (float)value : value;

    private static void CheckInside(double[] x, double[] clean, Norm norm, double epsilon, DType type)
    {
        Assert.That(x, Is.All.InRange(0, 1));
        var slack = type == DType.Float32 ? 1e-6 : 1e-14;
        for (var n = 0; n < N; n++)
        {
            double size = 0;
            for (var i = n * Length; i < (n + 1) * Length; i++)
            {
                var d = Math.Abs(x[i] - clean[i]);
                size = norm == Norm.Linf ? Math.Max(size, d) : size + d * d;
            }
            Assert.That(norm == Norm.Linf ? size : Math.Sqrt(size), Is.LessThanOrEqualTo(epsilon + slack));
        }
    }

    private double[] Step(DType type, Norm norm, double epsilon, double step, double[] x, double[] gradient, double[] clean,
        double[]? budget = null, int[]? columns = null)
    {
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var iterate = bench.Tensor(s_shape, x);
        bench.Graph.Apply(new PgdStepOp(norm, epsilon, step),
            [bench.Graph.Bind(iterate), bench.Input(s_shape, gradient), bench.Input(s_shape, clean), .. Budget(bench, budget, columns)]);
        using var program = bench.Compile();
        program["main"].Run();
        return GraphBench.Read(iterate);
    }

    private static Node[] Budget(GraphBench bench, double[]? budget, int[]? columns) => budget is null || columns is null
        ? []
        : [bench.Doubles(new Shape(2, budget.Length / 2), budget), bench.Ints(columns)];

    private double[] Start(DType type, Norm norm, AttackStart kind, double epsilon, double[] clean, int images,
        double[]? budget = null, int[]? columns = null)
    {
        using var device = target.Create();
        using var bench = new GraphBench(device, type);
        var ids = new int[images];
        for (var i = 0; i < images; i++) ids[i] = i;
        var op = new PgdStartOp(norm, epsilon, kind, 17, RandomPurpose.AttackStart);
        return bench.Run(bench.Graph.Apply(op, [bench.Input(new Shape(images, clean.Length / images), clean), bench.Ints(ids), bench.Ints(2, 0),
            .. Budget(bench, budget, columns)]));
    }

    private static double[] NaiveStep(Norm norm, double epsilon, double step, double[] x, double[] gradient, double[] clean)
    {
        var moved = new double[x.Length];
        for (var n = 0; n < N; n++)
        {
            var (from, to) = (n * Length, (n + 1) * Length);
            double length = 0, delta = 0;
            for (var i = from; i < to; i++) length += gradient[i] * gradient[i];
            for (var i = from; i < to; i++)
            {
                var direction = norm == Norm.Linf ? Math.Sign(gradient[i]) : length > 0 ? gradient[i] / Math.Sqrt(length) : 0;
                moved[i] = x[i] + step * direction - clean[i];
                delta += moved[i] * moved[i];
            }
            var shrink = Math.Min(1, epsilon / Math.Sqrt(delta));
            for (var i = from; i < to; i++)
                moved[i] = Math.Clamp(clean[i] + (norm == Norm.Linf ? Math.Clamp(moved[i], -epsilon, epsilon) : shrink * moved[i]), 0, 1);
        }
        return moved;
    }
}
