using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The dip against a search straight from its definition, and its p-value.</summary>
internal sealed class DipTestTests
{
    [Test]
    public void Statistic_RandomSmallSamples_IsWhatASearchFromTheDefinitionFinds()
    {
        var random = new Random(7);
        for (var i = 0; i < 400; i++)
        {
            // Every other sample has ties.
            var sample = Enumerable.Range(0, random.Next(2, 11)).Select(_ => i % 2 == 0 ? random.NextDouble()
                : Math.Pow(random.Next(0, 9) / 8.0, random.Next(1, 4))).ToArray();

            Assert.That(DipTest.Statistic(sample), Is.EqualTo(Searched(sample)).Within(1e-9), string.Join(" ", sample));
        }
    }

    [TestCase(new double[] { 3, 1, 4, 2 }, 1 / 8.0)]
    [TestCase(new double[] { 0, 1 }, 1 / 4.0)]
    [TestCase(new double[] { 5, 5, 5 }, 0)]
    [TestCase(new double[] { 0, 0, 1, 1 }, 1 / 4.0)]
    [TestCase(new double[] { 0, 0, 0, 1 }, 1 / 8.0)]
    public void Statistic_HandComputed_IsThat(double[] sample, double expected) =>
        Assert.That(DipTest.Statistic(sample), Is.EqualTo(expected).Within(1e-14));

    [Test]
    public void Statistic_TwoNarrowGroups_ApproachesAQuarterAndDoesNotChangeWithScaleOrDirection()
    {
        var sample = Enumerable.Range(0, 20).Select(i => (i % 2) + 0.0001 * i * i).ToArray();

        var dip = DipTest.Statistic(sample);

        Assert.That(dip, Is.InRange(0.2, 0.25));
        Assert.That(DipTest.Statistic(Array.ConvertAll(sample, v => 7 - 3 * v)), Is.EqualTo(dip).Within(1e-9));
    }

    [Test]
    public void PValue_UniformSamples_IsBelowAShareAsOftenAsTheShare()
    {
        var random = new Random(3);
        var p = Enumerable.Range(0, 3000).Select(_ => DipTest.PValue(
            DipTest.Statistic([.. Enumerable.Range(0, 10).Select(_ => random.NextDouble())]), 10)).ToArray();

        foreach (var share in new[] { 0.05, 0.3, 0.7 })
            Assert.That(p.Count(v => v <= share) / 3000.0, Is.EqualTo(share).Within(4 * Math.Sqrt(share * (1 - share) / 3000)));
        Assert.That(DipTest.PValue(0, 10), Is.EqualTo(1));
        Assert.That(DipTest.PValue(0.25, 10), Is.EqualTo(1.0 / (DipTest.Simulations + 1)));
    }

    /// <summary>
    /// For every mode the smallest half width d, by bisection, of a band around the sample's distribution that a function
    /// convex before the mode and concave after it fits into.
    /// </summary>
    private static double Searched(double[] sample)
    {
        double[] x = [.. sample.Distinct().Order()];
        double[] below = [.. x.Select(v => sample.Count(s => s < v) / (double)sample.Length)];
        double[] upto = [.. x.Select(v => sample.Count(s => s <= v) / (double)sample.Length)];
        double[] mirror = [.. x.Reverse().Select(v => -v)];
        var best = 0.5;
        for (var mode = 0; mode < x.Length; mode++)
        {
            var (low, high) = (0.0, 0.5);
            if (Fits(0)) return 0;
            while (high - low > 1e-12)
            {
                var d = (low + high) / 2;
                if (Fits(d)) high = d;
                else low = d;
            }
            best = Math.Min(best, high);

            // Before the mode the function climbs at least this high, after it it starts at most so high.
            bool Fits(double d) => Forced(x[..(mode + 1)], upto, below, d) is { } before
                && Forced(mirror[..(x.Length - mode)], [.. below.Reverse().Select(b => 1 - b)],
                    [.. upto.Reverse().Select(u => 1 - u)], d) is { } after && before <= 1 - after + 1e-13;
        }
        return best;
    }

    /// <summary>
    /// The least value at the last place of a rising convex function at least floor - d before it and at most ceiling + d
    /// everywhere; null where there is none. Convex: no chord from a ceiling to a floor may be steeper than what follows.
    /// </summary>
    private static double? Forced(double[] x, double[] floor, double[] ceiling, double d)
    {
        var forced = 0.0;
        for (var b = 0; b < x.Length - 1; b++)
        {
            var slope = 0.0;
            for (var a = 0; a < b; a++) slope = Math.Max(slope, (floor[b] - ceiling[a] - 2 * d) / (x[b] - x[a]));
            for (var c = b; c < x.Length; c++)
                if (floor[b] - d + slope * (x[c] - x[b]) > ceiling[c] + d + 1e-13) return null;
            forced = Math.Max(forced, floor[b] - d + slope * (x[^1] - x[b]));
        }
        return forced;
    }
}
