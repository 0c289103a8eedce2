using System.Numerics;
using Codat.Native.Autograd.Cpu;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Every convolution kernel against the definition.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
internal sealed unsafe class ConvKernelTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly double s_epsilon = typeof(T) == typeof(float) ? Math.ScaleB(1, -23) : Math.ScaleB(1, -52);

    // Winograd's promise, relative to the largest output; in double the reference's own rounding is of this size.
    private static readonly double s_winograd = typeof(T) == typeof(float) ? 1e-6 : 1e-14;

    [Test]
    public void Run_FixedShapes_MatchDefinition(
        [ValueSource(typeof(ConvRunner), nameof(ConvRunner.Isas))] CpuIsa isa,
        [Values] ConvDirection direction,
        [Values(1, 2, 5)] int n)
    {
        int seed = 11;
        foreach (ConvShape shape in ConvCases.Fixed())
        {
            CheckPass(shape, direction, isa, n, seed++);
        }
    }

    [Test]
    public void Run_RandomShapes_MatchDefinition(
        [ValueSource(typeof(ConvRunner), nameof(ConvRunner.Isas))] CpuIsa isa, [Values] ConvDirection direction)
    {
        int seed = 1000;
        foreach (ConvShape shape in ConvCases.Random(seed: 5 + (int)direction, count: 60))
        {
            CheckPass(shape, direction, isa, n: 1 + (seed % 3), seed++);
        }
    }

    [Test]
    public void Run_WidestLayers_KeepWinogradsPromise([Values] ConvDirection direction)
    {
        CheckPass(new(8, 8, 256, 3, 3, 256, 1, 1, 1, 1), direction, CpuIsaInfo.Best, n: 1, seed: 1);
        CheckPass(new(8, 8, 256, 3, 3, 512, 2, 2, 1, 1), direction, CpuIsaInfo.Best, n: 1, seed: 3);
        CheckPass(new(4, 4, 512, 3, 3, 512, 1, 1, 1, 1), direction, CpuIsaInfo.Best, n: 1, seed: 2);
    }

    [Test]
    public void RunWeightGradient_FixedAndRandomShapes_MatchDefinition(
        [ValueSource(typeof(ConvRunner), nameof(ConvRunner.Isas))] CpuIsa isa)
    {
        using CpuWorkers workers = new(2);
        int seed = 2000;
        foreach (ConvShape shape in ConvCases.Fixed().Concat(ConvCases.Random(seed: 9, count: 60)))
        {
            Random random = new(seed++);
            int n = 1 + (seed % 5);
            using GuardedBuffer<T> x =
                GuardedBuffer<T>.Random(ConvRunner.InputLength(shape, ConvDirection.Forward, n), random);
            using GuardedBuffer<T> dy =
                GuardedBuffer<T>.Random(ConvRunner.OutputLength(shape, ConvDirection.Forward, n), random);
            double[] expected = NaiveConv.WeightGradient(shape, n, x.ToDoubles(), dy.ToDoubles());

            using GuardedBuffer<T> dw = ConvRunner.RunWeightGradient(shape, isa, n, x, dy, workers);

            AssertClose(expected, dw, Tolerance(n * shape.OutHeight * shape.OutWidth), $"{shape} n={n}");
        }
    }

    [Test]
    public void Run_ResidualIsOutput_AddsInPlace(
        [ValueSource(typeof(ConvRunner), nameof(ConvRunner.Isas))] CpuIsa isa, [Values] ConvDirection direction)
    {
        using CpuWorkers workers = new(2);
        foreach (ConvShape shape in ConvCases.Fixed().Take(18))
        {
            Random random = new(3);
            using GuardedBuffer<T> input = GuardedBuffer<T>.Random(ConvRunner.InputLength(shape, direction, 2), random);
            using GuardedBuffer<T> weights = GuardedBuffer<T>.Random(shape.WeightElements, random);
            using GuardedBuffer<T> output =
                GuardedBuffer<T>.Random(ConvRunner.OutputLength(shape, direction, 2), random);
            ConvEpilogue<T> separate = new() { Residual = output.Pointer };
            using GuardedBuffer<T> expected =
                ConvRunner.Run(shape, direction, isa, 2, input, weights, separate, workers);
            ConvKernel<T> kernel = ConvKernel<T>.Create(shape, direction, isa);
            using GuardedBuffer<T> packed = new(kernel.PackedElements);
            using GuardedBuffer<T> workspace = new(kernel.WorkspaceBytes(2, workers.Threads) / sizeof(T));

            kernel.Pack(weights.Pointer, packed.Pointer, workers);
            kernel.Run(
                2, input.Pointer, packed.Pointer, separate, output.Pointer, (byte*)workspace.Pointer, workers);

            Assert.That(output.Span.SequenceEqual(expected.Span), $"{kernel.Name} {shape}");
        }
    }

    [Test]
    public void Run_AfterWarmUp_AllocatesNothing([Values(1, 3)] int threads)
    {
        using CpuWorkers workers = new(threads);
        foreach (ConvShape shape in ConvCases.Fixed())
        {
            ConvKernel<T>[] passes =
            [
                ConvKernel<T>.Create(shape, ConvDirection.Forward, CpuIsaInfo.Best),
                ConvKernel<T>.Create(shape, ConvDirection.InputGradient, CpuIsaInfo.Best),
            ];
            ConvWeightGradientKernel<T> gradient = ConvWeightGradientKernel<T>.Create(shape, CpuIsaInfo.Best);
            long elements = passes.Max(k => k.WorkspaceBytes(2, threads)) + gradient.WorkspaceBytes(2, threads);
            using GuardedBuffer<T> workspace = new(elements / sizeof(T));
            using GuardedBuffer<T> packed = new(passes.Max(k => k.PackedElements));
            using GuardedBuffer<T> x = new(ConvRunner.InputLength(shape, ConvDirection.Forward, 2));
            using GuardedBuffer<T> y = new(ConvRunner.OutputLength(shape, ConvDirection.Forward, 2));
            using GuardedBuffer<T> w = new(shape.WeightElements);

            long allocated = 0;
            for (int round = 0; round < 2; round++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                byte* scratch = (byte*)workspace.Pointer;
                foreach (ConvKernel<T> kernel in passes)
                {
                    kernel.Pack(w.Pointer, packed.Pointer, workers);
                    bool forward = kernel == passes[0];
                    kernel.Run(
                        2, (forward ? x : y).Pointer, packed.Pointer, default, (forward ? y : x).Pointer, scratch,
                        workers);
                }

                gradient.Run(2, x.Pointer, y.Pointer, w.Pointer, scratch, workers);
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            }

            Assert.That(allocated, Is.Zero, $"{shape}");
        }
    }

    private static void CheckPass(in ConvShape shape, ConvDirection direction, CpuIsa isa, int n, int seed)
    {
        Random random = new(seed);
        using CpuWorkers workers = new(1 + (seed % 2));
        using GuardedBuffer<T> input = GuardedBuffer<T>.Random(ConvRunner.InputLength(shape, direction, n), random);
        using GuardedBuffer<T> weights = GuardedBuffer<T>.Random(shape.WeightElements, random);
        int channels = direction == ConvDirection.Forward ? shape.OutChannels : shape.InChannels;
        long outputs = ConvRunner.OutputLength(shape, direction, n);
        using GuardedBuffer<T> bias = GuardedBuffer<T>.Random(channels, random);
        using GuardedBuffer<T> residual = GuardedBuffer<T>.Random(outputs, random);
        using GuardedBuffer<T> mask = GuardedBuffer<T>.Random(outputs, random);
        double[] sums = direction == ConvDirection.Forward
            ? NaiveConv.Forward(shape, n, input.ToDoubles(), weights.ToDoubles())
            : NaiveConv.InputGradient(shape, n, input.ToDoubles(), weights.ToDoubles());
        string name = ConvKernel<T>.Create(shape, direction, isa).Name;
        double depth = (double)shape.WeightElements / channels;
        double tolerance = name.StartsWith("winograd", StringComparison.Ordinal) ? s_winograd : Tolerance(depth);
        foreach (int flags in new[] { 0, 15, 1 + (seed % 14) })
        {
            ConvEpilogue<T> epilogue = new()
            {
                Bias = (flags & 1) != 0 ? bias.Pointer : null,
                Residual = (flags & 2) != 0 ? residual.Pointer : null,
                Relu = (flags & 4) != 0,
                Mask = (flags & 8) != 0 ? mask.Pointer : null,
            };
            double[] expected = [.. sums];
            ApplyEpilogue(expected, epilogue, channels);

            using GuardedBuffer<T> output =
                ConvRunner.Run(shape, direction, isa, n, input, weights, epilogue, workers);

            AssertClose(expected, output, tolerance, $"{name} {shape} n={n} epilogue={flags}");
        }
    }

    private static void ApplyEpilogue(double[] values, in ConvEpilogue<T> epilogue, int channels)
    {
        for (int i = 0; i < values.Length; i++)
        {
            double v = values[i];
            v += epilogue.Bias != null ? double.CreateChecked(epilogue.Bias[i % channels]) : 0;
            v += epilogue.Residual != null ? double.CreateChecked(epilogue.Residual[i]) : 0;
            v = epilogue.Relu ? Math.Max(v, 0) : v;
            values[i] = epilogue.Mask != null && epilogue.Mask[i] <= T.Zero ? 0 : v;
        }
    }

    // Relative to the largest output, for one chain of this many products: rounding errors add up like a random walk.
    private static double Tolerance(double products) => (2 + (0.5 * Math.Sqrt(products))) * s_epsilon;

    private static void AssertClose(double[] expected, GuardedBuffer<T> actual, double tolerance, string what)
    {
        double scale = 1;
        foreach (double e in expected)
        {
            scale = Math.Max(scale, Math.Abs(e));
        }

        double worst = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double error = Math.Abs(expected[i] - double.CreateChecked(actual.Span[i])) / scale;
            worst = error <= worst ? worst : error; // a NaN becomes the worst
        }

        Assert.That(worst, Is.LessThanOrEqualTo(tolerance), what);
    }
}
