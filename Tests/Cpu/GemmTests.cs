using System.Numerics;
using Codat.Native.Autograd.Cpu;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The matrix product against the definition.</summary>
[TestFixture(typeof(float))]
[TestFixture(typeof(double))]
internal sealed unsafe class GemmTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    [Test]
    public void Run_RandomSizes_MatchesDefinition(
        [ValueSource(typeof(ConvRunner), nameof(ConvRunner.Isas))] CpuIsa isa,
        [Values] bool transA,
        [Values] bool transB)
    {
        Random random = new(31);
        using CpuWorkers workers = new(2);
        double tolerance = typeof(T) == typeof(float) ? 5e-6 : 1e-14;
        (int M, int N, int K)[] sizes =
            [(1, 1, 1), (128, 10, 128), (49, 300, 7), (3, 33, 1100), (100, 64, 513), (13, 17, 0)];
        for (int i = 0; i < 25; i++)
        {
            (int m, int n, int k) =
                i < sizes.Length ? sizes[i] : (random.Next(1, 120), random.Next(1, 90), random.Next(1, 600));
            using GuardedBuffer<T> a = GuardedBuffer<T>.Random(m * k, random);
            using GuardedBuffer<T> b = GuardedBuffer<T>.Random(k * n, random);
            using GuardedBuffer<T> bias = GuardedBuffer<T>.Random(n, random);
            using GuardedBuffer<T> mask = GuardedBuffer<T>.Random(m * n, random);
            bool withBias = i % 2 == 0, relu = i % 3 == 0, withMask = i % 4 == 0;

            using GuardedBuffer<T> c = Multiply(
                isa, transA, transB, m, n, k, a, b, withBias ? bias.Pointer : null, relu,
                withMask ? mask.Pointer : null, workers);

            for (int row = 0; row < m; row++)
            {
                for (int column = 0; column < n; column++)
                {
                    double sum = withBias ? double.CreateChecked(bias.Span[column]) : 0;
                    for (int d = 0; d < k; d++)
                    {
                        T left = a.Span[transA ? (d * m) + row : (row * k) + d];
                        T right = b.Span[transB ? (column * k) + d : (d * n) + column];
                        sum += double.CreateChecked(left) * double.CreateChecked(right);
                    }

                    sum = relu ? Math.Max(sum, 0) : sum;
                    sum = withMask && mask.Span[(row * n) + column] <= T.Zero ? 0 : sum;
                    double error = Math.Abs(sum - double.CreateChecked(c.Span[(row * n) + column]));
                    Assert.That(
                        error, Is.LessThanOrEqualTo(tolerance * Math.Max(1, Math.Sqrt(k))),
                        $"{m}x{n}x{k} at {row},{column}");
                }
            }
        }
    }

    [Test]
    public void Run_OtherRowCountOrThreads_SameBits(
        [ValueSource(typeof(ConvRunner), nameof(ConvRunner.Isas))] CpuIsa isa)
    {
        Random random = new(32);
        const int M = 101, N = 70, K = 700;
        using GuardedBuffer<T> a = GuardedBuffer<T>.Random(M * K, random);
        using GuardedBuffer<T> b = GuardedBuffer<T>.Random(K * N, random);
        using CpuWorkers one = new(1), three = new(3);
        using GuardedBuffer<T> all = Multiply(isa, false, true, M, N, K, a, b, null, false, null, one);

        using GuardedBuffer<T> threaded = Multiply(isa, false, true, M, N, K, a, b, null, false, null, three);
        using GuardedBuffer<T> few = Multiply(isa, false, true, 5, N, K, a, b, null, false, null, one);

        Assert.That(threaded.Span.SequenceEqual(all.Span));
        Assert.That(few.Span.SequenceEqual(all.Span[..(5 * N)]));
    }

    private static GuardedBuffer<T> Multiply(
        CpuIsa isa, bool transA, bool transB, int m, int n, int k, GuardedBuffer<T> a, GuardedBuffer<T> b, T* bias,
        bool relu, T* mask, CpuWorkers workers)
    {
        using GuardedBuffer<T> workspace = new(Gemm<T>.WorkspaceBytes(m, n, k, workers.Threads) / sizeof(T));
        GuardedBuffer<T> c = new(m * n);
        Gemm<T>.Run(
            isa, transA, transB, m, n, k, a.Pointer, b.Pointer, c.Pointer, bias, relu, mask,
            (byte*)workspace.Pointer, workers);
        workspace.AssertGuardsIntact("workspace");
        c.AssertGuardsIntact("product");
        return c;
    }
}
