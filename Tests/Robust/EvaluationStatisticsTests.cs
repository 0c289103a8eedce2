using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Exact tails, the bound of the worst class, the paired test, and measures against a baseline.</summary>
internal sealed class EvaluationStatisticsTests
{
    // Binomial tails summed in exact rational arithmetic.
    [TestCase(3, 10, 0.2, 0.3222004736)]
    [TestCase(0, 10, 0.2, 1)]
    [TestCase(10, 10, 0.5, 0.0009765625)]
    [TestCase(1, 1000, 1e-4, 0.09516710644145375)]
    [TestCase(60, 100, 0.5, 0.028443966820490395)]
    [TestCase(350, 1000, 0.3, 0.00037387010544038835)]
    [TestCase(11, 10, 0.5, 0)]
    public void UpperTail_AgainstRationalSums_Agrees(long k, long n, double p, double expected) =>
        Assert.That(BinomialDistribution.UpperTail(k, n, p), Is.EqualTo(expected).Within(expected * 1e-11));

    [Test]
    public void Tails_OfAllCounts_AddUpToOne()
    {
        foreach (var (n, p) in new[] { (1L, 0.3), (7, 0.01), (50, 0.5), (400, 0.97), (3000, 0.31) })
        {
            for (var k = 0L; k <= n; k += 1 + n / 37)
            {
                var sum = BinomialDistribution.UpperTail(k + 1, n, p) + BinomialDistribution.LowerTail(k, n, p);
                Assert.That(sum, Is.EqualTo(1).Within(1e-11), $"{k} of {n}, {p}");
            }
        }
    }

    [Test]
    public void ExactInterval_Ends_HaveTheTailsAskedFor()
    {
        foreach (var (k, n) in new[] { (1L, 1000L), (30, 100), (99, 100), (5, 7) })
        {
            var (low, high) = BinomialDistribution.ExactInterval(k, n, 0.95);
            Assert.That(BinomialDistribution.UpperTail(k, n, low), Is.EqualTo(0.025).Within(1e-9));
            Assert.That(BinomialDistribution.LowerTail(k, n, high), Is.EqualTo(0.025).Within(1e-9));
        }
        Assert.That(BinomialDistribution.ExactInterval(0, 20, 0.95).Low, Is.Zero);
        Assert.That(BinomialDistribution.ExactInterval(0, 20, 0.95).High, Is.EqualTo(1 - Math.Pow(0.025, 1.0 / 20)).Within(1e-12));
        Assert.That(BinomialDistribution.ExactInterval(20, 20, 0.95).High, Is.EqualTo(1));
    }

    // One class clearly worst; all alike, where the smallest of ten is far below all of them; a worst class near zero,
    // where Wilson's interval at this level would miss one time in ten.
    private static IEnumerable<double[]> Profiles() =>
    [
        [0.8, 0.75, 0.7, 0.6, 0.55, 0.5, 0.5, 0.45, 0.4, 0.2],
        [.. Enumerable.Repeat(0.35, 10)],
        [.. Enumerable.Repeat(0.9, 9), 0.00052],
        [0.5, 0.02],
    ];

    [TestCaseSource(nameof(Profiles))]
    public void WorstBound_OnManyDraws_CoversTheTrueWorstClass(double[] truth)
    {
        const int Draws = 4000, Images = 200;
        var random = new Random(17);
        var n = truth.Select(_ => (long)Images).ToArray();
        var correct = new long[truth.Length];
        var covered = 0;
        // Bounds of equal counts are computed once.
        var known = new Dictionary<long, (double Low, double High)>();
        var level = Math.Pow(0.95, 1.0 / truth.Length);
        for (var draw = 0; draw < Draws; draw++)
        {
            for (var k = 0; k < truth.Length; k++)
            {
                correct[k] = 0;
                for (var i = 0; i < Images; i++) correct[k] += random.NextDouble() < truth[k] ? 1 : 0;
                if (!known.ContainsKey(correct[k])) known[correct[k]] = BinomialDistribution.ExactInterval(correct[k], Images, level);
            }
            var (low, high) = (correct.Min(c => known[c].Low), correct.Min(c => known[c].High));
            if (draw < 20) Assert.That(SimultaneousBound.OfWorst(correct, n), Is.EqualTo(new SimultaneousBound(low, high)));
            if (low <= truth.Min() && truth.Min() <= high) covered++;
        }

        // Three standard errors of a share of 0.95 are 0.0103.
        Assert.That((double)covered / Draws, Is.GreaterThan(0.95 - 0.0103));
        if (truth.Length == 10 && truth[0] != 0.9) Assert.That((double)covered / Draws, Is.LessThan(1), "a bound that never misses says nothing");
    }

    [Test]
    public void WorstBound_ClassesWithoutImages_AreLeftOut()
    {
        Assert.That(SimultaneousBound.OfWorst([3, 0, 9], [10, 0, 10]), Is.EqualTo(SimultaneousBound.OfWorst([3, 9], [10, 10])));
        Assert.That(SimultaneousBound.OfWorst([0, 0], [0, 0]).Low, Is.NaN);
        var bound = ClassAccuracy.Of(["a", "b"], [10, 10], [3, 9]).WorstBound;
        Assert.That(bound, Is.EqualTo(SimultaneousBound.OfWorst([3, 9], [10, 10])));
        var own = BinomialDistribution.ExactInterval(3, 10, 0.95);
        Assert.That((bound.Low, bound.High), Is.Not.EqualTo(own));
        Assert.That(bound.Low, Is.LessThan(own.Low), "wider than the class's own interval");
    }

    [TestCase(0, 0, 1)]
    [TestCase(5, 5, 1)]
    [TestCase(0, 6, 0.03125)]
    [TestCase(2, 8, 0.109375)]
    [TestCase(30, 60, 0.00206026568)]
    public void McNemar_Counts_AreTheExactBinomial(long first, long second, double p)
    {
        Assert.That(McNemarTest.Of(200, first, second).P, Is.EqualTo(p).Within(1e-7));
        Assert.That(McNemarTest.Of(200, second, first).P, Is.EqualTo(p).Within(1e-7));
        Assert.That(McNemarTest.Of(200, first, second).Difference, Is.EqualTo((second - first) / 200.0));
    }

    [Test]
    public void McNemar_OfEqualClassifiers_RejectsNoMoreThanTheLevel()
    {
        var random = new Random(5);
        var rejected = 0;
        for (var draw = 0; draw < 2000; draw++)
        {
            var (a, b) = (new bool[60], new bool[60]);
            for (var i = 0; i < 60; i++) (a[i], b[i]) = (random.NextDouble() < 0.5, random.NextDouble() < 0.5);
            if (McNemarTest.Of(a, b).P < 0.05) rejected++;
        }

        Assert.That(rejected / 2000.0, Is.LessThan(0.05).And.GreaterThan(0.01));
    }

    [Test]
    public void Holm_IsMonotoneAndNeverBelowTheValue()
    {
        // By hand: 0.01 x 4, 0.02 x 3, then max(0.06, 0.03 x 2), then max(0.06, 0.5).
        Assert.That(McNemarTest.Holm([0.03, 0.01, 0.5, 0.02]), Is.EqualTo(new[] { 0.06, 0.04, 0.5, 0.06 }).Within(1e-15));
        Assert.That(McNemarTest.Holm([0.6, 0.9]), Is.EqualTo(new[] { 1.0, 1.0 }));
    }

    // The CIFAR-10 table of DAFA (ICLR 2024): average and worst class of each method against TRADES.
    [TestCase(44.68, 25.84, 0.11)]
    [TestCase(50.78, 27.62, 0.32)]
    [TestCase(45.89, 17.82, -0.24)]
    [TestCase(46.30, 28.55, 0.27)]
    [TestCase(49.05, 30.53, 0.42)]
    public void Rho_OfPublishedRows_IsThePublishedValue(double average, double worst, double rho) =>
        Assert.That(AgainstBaseline.Of(worst, average, 21.31, 49.80).Rho, Is.EqualTo(rho).Within(0.0051));

    [Test]
    public void Elasticity_IsTheQuotientOfRelativeChanges_AndNoneWhereTheAverageStands()
    {
        Assert.That(AgainstBaseline.Of(0.3, 0.55, 0.2, 0.5).Elasticity, Is.EqualTo(5).Within(1e-12));
        Assert.That(AgainstBaseline.Of(0.3, 0.502, 0.2, 0.5).Elasticity, Is.NaN);
        Assert.That(AgainstBaseline.Of(0.3, 0.502, 0.2, 0.5).Rho, Is.EqualTo(0.504).Within(1e-12));
        Assert.That(AgainstBaseline.Of(0.3, 0.5, 0, 0.5).Rho, Is.NaN, "nothing is relative to zero");
    }
}
