using System.Numerics;
using Codat.Native.Autograd.Cpu;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>What must not change a bit: the batch around an image, and the number of threads.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
internal sealed unsafe class ConvBitsTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly int[] s_threads = [1, 2, 3];

    [Test]
    public void Run_ImageAloneOrInBatch_SameBits(
        [ValueSource(typeof(ConvRunner), nameof(ConvRunner.Isas))] CpuIsa isa, [Values] ConvDirection direction)
    {
        using CpuWorkers workers = new(1);
        foreach (ConvShape shape in ConvCases.Fixed().Concat(ConvCases.Random(seed: 21, count: 20)))
        {
            Random random = new(7);
            int imageIn = (int)ConvRunner.InputLength(shape, direction, 1);
            int imageOut = (int)ConvRunner.OutputLength(shape, direction, 1);
            using GuardedBuffer<T> batch = GuardedBuffer<T>.Random(5 * imageIn, random);
            using GuardedBuffer<T> weights = GuardedBuffer<T>.Random(shape.WeightElements, random);
            using GuardedBuffer<T> together =
                ConvRunner.Run(shape, direction, isa, 5, batch, weights, default, workers);
            for (int image = 0; image < 5; image++)
            {
                using GuardedBuffer<T> alone = new(imageIn);
                batch.Span.Slice(image * imageIn, imageIn).CopyTo(alone.Span);

                using GuardedBuffer<T> output =
                    ConvRunner.Run(shape, direction, isa, 1, alone, weights, default, workers);

                Assert.That(
                    output.Span.SequenceEqual(together.Span.Slice(image * imageOut, imageOut)),
                    $"{shape} image {image}");
            }
        }
    }

    [Test]
    public void Run_AnyThreadCount_SameBits(
        [ValueSource(typeof(ConvRunner), nameof(ConvRunner.Isas))] CpuIsa isa)
    {
        foreach (ConvShape shape in ConvCases.Fixed().Concat(ConvCases.Random(seed: 22, count: 20)))
        {
            T[][] results = [.. s_threads.Select(threads => AllPasses(shape, isa, n: 5, threads))];

            Assert.That(results[1].AsSpan().SequenceEqual(results[0]), $"{shape}: 2 threads");
            Assert.That(results[2].AsSpan().SequenceEqual(results[0]), $"{shape}: 3 threads");
        }
    }

    // <conv(x), dy> = <x, conv'(dy)> = <w, weight gradient>: three kernels that share no code agree on one number.
    [Test]
    public void Run_AllPasses_AreAdjoint([ValueSource(typeof(ConvRunner), nameof(ConvRunner.Isas))] CpuIsa isa)
    {
        if (typeof(T) != typeof(double))
        {
            Assert.Ignore("Meant for double precision.");
        }

        using CpuWorkers workers = new(1);
        const int N = 3;
        foreach (ConvShape shape in ConvCases.Fixed().Concat(ConvCases.Random(seed: 23, count: 20)))
        {
            Random random = new(8);
            using GuardedBuffer<T> x =
                GuardedBuffer<T>.Random(ConvRunner.InputLength(shape, ConvDirection.Forward, N), random);
            using GuardedBuffer<T> w = GuardedBuffer<T>.Random(shape.WeightElements, random);
            using GuardedBuffer<T> dy =
                GuardedBuffer<T>.Random(ConvRunner.OutputLength(shape, ConvDirection.Forward, N), random);

            using GuardedBuffer<T> y = ConvRunner.Run(shape, ConvDirection.Forward, isa, N, x, w, default, workers);
            using GuardedBuffer<T> dx =
                ConvRunner.Run(shape, ConvDirection.InputGradient, isa, N, dy, w, default, workers);
            using GuardedBuffer<T> dw = ConvRunner.RunWeightGradient(shape, isa, N, x, dy, workers);

            double forward = Dot(y, dy), tolerance = 1e-12 * Math.Max(1, Dot(y, y));
            Assert.That(Dot(x, dx), Is.EqualTo(forward).Within(tolerance), $"{shape}: input gradient");
            Assert.That(Dot(w, dw), Is.EqualTo(forward).Within(tolerance), $"{shape}: weight gradient");
        }
    }

    private static T[] AllPasses(in ConvShape shape, CpuIsa isa, int n, int threads)
    {
        Random random = new(9);
        using CpuWorkers workers = new(threads);
        using GuardedBuffer<T> x =
            GuardedBuffer<T>.Random(ConvRunner.InputLength(shape, ConvDirection.Forward, n), random);
        using GuardedBuffer<T> w = GuardedBuffer<T>.Random(shape.WeightElements, random);
        using GuardedBuffer<T> dy =
            GuardedBuffer<T>.Random(ConvRunner.OutputLength(shape, ConvDirection.Forward, n), random);
        using GuardedBuffer<T> y = ConvRunner.Run(shape, ConvDirection.Forward, isa, n, x, w, default, workers);
        using GuardedBuffer<T> dx = ConvRunner.Run(shape, ConvDirection.InputGradient, isa, n, dy, w, default, workers);
        using GuardedBuffer<T> dw = ConvRunner.RunWeightGradient(shape, isa, n, x, dy, workers);
        return [.. y.Span, .. dx.Span, .. dw.Span];
    }

    private static double Dot(GuardedBuffer<T> a, GuardedBuffer<T> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += double.CreateChecked(a.Span[i]) * double.CreateChecked(b.Span[i]);
        }

        return sum;
    }
}
