using Codat.Native.Autograd;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class RandomTests
{
    // Known answers of the Random123 distribution (kat_vectors, philox4x32 10).
    [TestCase(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [TestCase(0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [TestCase(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Next_KnownCounters_GivesKnownWords(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint r0, uint r1, uint r2, uint r3)
    {
        Philox.Next(((ulong)k1 << 32) | k0, c0, c1, c2, c3, out var a, out var b, out var c, out var d);

        Assert.That((a, b, c, d), Is.EqualTo((r0, r1, r2, r3)));
    }

    [Test]
    public void Uniform_ExtremeWords_LieInZeroToOne()
    {
        Assert.That(Philox.Uniform(0), Is.Zero);
        Assert.That(Philox.Uniform(uint.MaxValue), Is.EqualTo(1 - 1 / 16777216f).And.LessThan(1));
        Assert.That(double.IsFinite(Philox.Normal(0, 0).Item1), Is.True);
        Assert.That(double.IsFinite(Philox.Normal(uint.MaxValue, uint.MaxValue).Item2), Is.True);
    }

    [Test]
    public void Moments_OfManyDraws_AreThoseOfTheDistribution([Values] RandomKind kind, [Values(DType.Float32, DType.Float64)] DType type)
    {
        const int N = 40, Length = 10001;

        var x = Draw(type, kind, Ids(N), Length, epoch: 3, restart: 1, seed: 99);

        double[] moment = new double[5];
        foreach (var v in x)
            for (var p = 1; p <= 4; p++) moment[p] += Math.Pow(v, p) / x.Length;
        double[] expected = kind == RandomKind.Uniform ? [0, 0, 1.0 / 3, 0, 1.0 / 5] : [0, 0, 1, 0, 3];
        double[] variance = kind == RandomKind.Uniform
            ? [0, 1.0 / 3, 1.0 / 5 - 1.0 / 9, 1.0 / 7, 1.0 / 9 - 1.0 / 25]
            : [0, 1, 2, 15, 96];
        // Five standard errors.
        for (var p = 1; p <= 4; p++) Assert.That(moment[p], Is.EqualTo(expected[p]).Within(5 * Math.Sqrt(variance[p] / x.Length)), $"moment {p}");
        if (kind == RandomKind.Uniform) Assert.That(x, Is.All.InRange(-1, 1));
        // Neighbours in a sample, and the same element of neighbouring samples, are uncorrelated.
        foreach (var lag in new[] { 1, 2, 3, 4, Length })
        {
            double covariance = 0;
            for (var i = lag; i < x.Length; i++) covariance += x[i] * x[i - lag] / (x.Length - lag);
            Assert.That(covariance, Is.EqualTo(0).Within(5 * expected[2] / Math.Sqrt(x.Length - lag)), $"lag {lag}");
        }
    }

    [Test]
    public void Draws_DependOnTheSampleAlone_NotOnItsPlaceInTheBatch([Values] RandomKind kind, [Values(1, 2, 3)] int threads)
    {
        const int Length = 37;
        int[] ids = [7, 100, 3, 55, 8];

        var batch = Draw(DType.Float32, kind, ids, Length, 2, 0, 5, threads);

        for (var n = 0; n < ids.Length; n++)
        {
            var alone = Draw(DType.Float32, kind, [ids[n]], Length, 2, 0, 5);
            Expect.SameBits(batch[(n * Length)..((n + 1) * Length)], alone);
        }
    }

    [Test]
    public void Draws_ForAnotherUse_Differ()
    {
        var reference = Draw(DType.Float64, RandomKind.Uniform, [1], 50, 2, 0, 5);

        double[][] others =
        [
            Draw(DType.Float64, RandomKind.Uniform, [2], 50, 2, 0, 5), Draw(DType.Float64, RandomKind.Uniform, [1], 50, 3, 0, 5),
            Draw(DType.Float64, RandomKind.Uniform, [1], 50, 2, 1, 5), Draw(DType.Float64, RandomKind.Uniform, [1], 50, 2, 0, 6),
            Draw(DType.Float64, RandomKind.Uniform, [1], 50, 2, 0, 5, purpose: RandomPurpose.EvaluationStart),
        ];

        foreach (var other in others)
            for (var i = 0; i < 50; i++) Assert.That(other[i], Is.Not.EqualTo(reference[i]));
        Expect.SameBits(Draw(DType.Float64, RandomKind.Uniform, [1], 50, 2, 0, 5), reference);
    }

    [Test]
    public void Draws_InFloatAndDouble_AreTheSameNumbers([Values] RandomKind kind)
    {
        var single = Draw(DType.Float32, kind, Ids(3), 41, 1, 0, 5);
        var wide = Draw(DType.Float64, kind, Ids(3), 41, 1, 0, 5);

        Expect.SameBits(single, Array.ConvertAll(wide, v => (double)(float)v));
    }

    private static double[] Draw(DType type, RandomKind kind, int[] ids, int length, int epoch, int restart, ulong seed, int threads = 1,
        RandomPurpose purpose = RandomPurpose.AttackStart)
    {
        using var device = Device.Cpu(new CpuOptions { Threads = threads });
        using var bench = new GraphBench(device, type);
        return bench.Run(bench.Graph.Apply(new RandomOp(kind, type, new Shape(ids.Length, length), seed, purpose), bench.Ints(ids), bench.Ints(epoch, restart)));
    }

    private static int[] Ids(int count)
    {
        var ids = new int[count];
        for (var i = 0; i < count; i++) ids[i] = 1000 + i;
        return ids;
    }
}
