using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Intervals and tests over seeds and images, and the distributions behind them.</summary>
internal sealed class SeedBootstrapTests
{
    // Percentage points of Student's t as every table prints them.
    [TestCase(1, 12.706205)]
    [TestCase(2, 4.302653)]
    [TestCase(3, 3.182446)]
    [TestCase(4, 2.776445)]
    [TestCase(9, 2.262157)]
    [TestCase(10, 2.228139)]
    [TestCase(30, 2.042272)]
    [TestCase(120, 1.979930)]
    public void CentralQuantile_TabulatedDegrees_MatchTheTables(int degrees, double expected)
    {
        var t = StudentDistribution.CentralQuantile(0.95, degrees);

        Assert.That(t, Is.EqualTo(expected).Within(5e-7));
        Assert.That(StudentDistribution.Central(t, degrees), Is.EqualTo(0.95).Within(1e-14));
    }

    [Test]
    public void CentralQuantile_ManyDegrees_ApproachesTheNormal() =>
        Assert.That(StudentDistribution.CentralQuantile(0.95, 200_001), Is.EqualTo(NormalDistribution.Quantile(0.975)).Within(2e-5));

    [TestCase(0, 40)]
    [TestCase(40, 40)]
    [TestCase(13, 40)]
    [TestCase(700, 1000)]
    public void CountResampler_OverAllQuantiles_HasMeanAndVarianceOfTheBinomial(int correct, int n)
    {
        const int Draws = 200_000;
        var resampler = new CountResampler(n, correct);
        var share = (correct + 0.5) / (n + 1);

        var counts = Enumerable.Range(0, Draws).Select(i => (double)resampler.Draw((i + 0.5) / Draws)).ToArray();

        var mean = counts.Average();
        Assert.That(mean, Is.EqualTo(n * share).Within(1e-3 * n));
        Assert.That(counts.Average(c => (c - mean) * (c - mean)), Is.EqualTo(n * share * (1 - share)).Within(0.01).Percent);
        Assert.That(counts, Is.Ordered.And.All.InRange(0, n));
        Assert.That(new[] { resampler.Draw(0), resampler.Draw(Math.BitDecrement(1.0)) }, Is.Ordered.And.All.InRange(0, n));
    }

    [Test]
    public void Statistic_OneSeedOneClass_IsTheBinomialIntervalOfItsImages()
    {
        var statistic = SeedBootstrap.Of("m", [Row(1000, 400)]).Statistic(SeedQuantity.Average);

        var half = 1.96 * Math.Sqrt(0.4 * 0.6 / 1000);
        Assert.That(statistic.Mean, Is.EqualTo(0.4));
        Assert.That(statistic.Std, Is.NaN);
        Assert.That(statistic.Low, Is.EqualTo(0.4 - half).Within(0.003));
        Assert.That(statistic.High, Is.EqualTo(0.4 + half).Within(0.003));
    }

    [Test]
    public void Statistic_EqualSeeds_DoNotAverageTheErrorOfTheirCommonImagesAway()
    {
        var one = SeedBootstrap.Of("m", [Row(500, 200)]).Statistic(SeedQuantity.Worst);
        var four = SeedBootstrap.Of("m", [Row(500, 200), Row(500, 200), Row(500, 200), Row(500, 200)]).Statistic(SeedQuantity.Worst);

        Assert.That(four.High - four.Low, Is.EqualTo(one.High - one.Low).Within(1e-12));
    }

    [Test]
    public void Statistic_ManySeedsFarApart_IsStudentsInterval()
    {
        // So many images that only seeds count.
        double[] shares = [0.30, 0.34, 0.38, 0.31, 0.42, 0.36, 0.33, 0.40, 0.35, 0.37];
        var rows = shares.Select(s => Row(1_000_000, (int)Math.Round(s * 1_000_000))).ToArray();

        var statistic = SeedBootstrap.Of("m", rows).Statistic(SeedQuantity.Average);

        var half = 2.262 * statistic.Std / Math.Sqrt(10);
        Assert.That(statistic.High - statistic.Low, Is.EqualTo(2 * half).Within(8).Percent);
        Assert.That((statistic.High + statistic.Low) / 2, Is.EqualTo(statistic.Mean).Within(0.004));
    }

    [Test]
    public void Against_TheSameNumbers_IsNoDifference()
    {
        AttackView[] rows = [Row(300, 100, 150), Row(300, 120, 140), Row(300, 90, 200)];

        var (difference, low, high, p) = SeedBootstrap.Of("a", rows).Against(SeedBootstrap.Of("b", rows), SeedQuantity.Worst);

        Assert.That(difference, Is.Zero);
        Assert.That((low < 0, high > 0), Is.EqualTo((true, true)));
        Assert.That(p, Is.GreaterThan(0.8));
    }

    // Ten points of contrast left: several classes of one method and one of the other have nothing right.
    [Test]
    public void Against_NothingRightInEither_IsNoDifference()
    {
        AttackView[] many = [Row(1000, 0, 0, 0, 0, 500), Row(1000, 0, 0, 1, 0, 400), Row(1000, 0, 0, 0, 2, 300)];
        AttackView[] one = [Row(1000, 0, 300, 3, 9, 500), Row(1000, 200, 300, 0, 8, 400), Row(1000, 4, 300, 0, 9, 300)];

        foreach (var (own, other) in new[] { (many, one), (one, many), (many, many) })
        {
            var (difference, low, high, p) = SeedBootstrap.Of("a", own).Against(SeedBootstrap.Of("b", other), SeedQuantity.Worst);

            Assert.That(difference, Is.Zero);
            Assert.That((low <= 0, high >= 0), Is.EqualTo((true, true)));
            Assert.That(p, Is.GreaterThan(0.5));
        }
    }

    [Test]
    public void Against_PairedSeedsThatAllGain_IsSurerThanTheirSpreadSuggests()
    {
        // Seeds differ by 30 points, every one gains ten.
        int[] before = [2000, 3000, 4000, 5000, 2500], after = [3000, 4000, 5000, 6000, 3500];
        var own = SeedBootstrap.Of("a", [.. after.Select(c => Row(10_000, c))]);
        var other = SeedBootstrap.Of("b", [.. before.Select(c => Row(10_000, c))]);

        var (difference, low, high, p) = own.Against(other, SeedQuantity.Worst);

        Assert.That(difference, Is.EqualTo(0.1).Within(1e-12));
        Assert.That(p, Is.LessThan(0.001));
        Assert.That(high - low, Is.LessThan(0.05));
        Assert.That(low, Is.Positive);
    }

    [Test]
    public void Against_OneSeedChanceDifferences_AreFoundSignificantAboutAsOftenAsStated()
    {
        var (random, found, trials) = (new Random(5), 0, 200);
        for (var i = 0; i < trials; i++)
        {
            var (a, b) = (Binomial(random, 400, 0.3), Binomial(random, 400, 0.3));
            if (SeedBootstrap.Of("a", [Row(400, a)]).Against(SeedBootstrap.Of("b", [Row(400, b)]), SeedQuantity.Worst).P < 0.05) found++;
        }

        Assert.That(found / (double)trials, Is.InRange(0.01, 0.1));
    }

    [Test]
    public void Of_SameInput_GivesTheSameIntervalWhateverElseIsThere()
    {
        AttackView[] rows = [Row(300, 100, 150), Row(300, 120, 140)];

        var (first, second) = (SeedBootstrap.Of("a", rows), SeedBootstrap.Of("a", rows));

        Assert.That(second.Statistic(SeedQuantity.Worst), Is.EqualTo(first.Statistic(SeedQuantity.Worst)));
    }

    [TestCase(new double[] { 1, 2, 3 }, new double[] { 5, 6, 70 }, 1)]
    [TestCase(new double[] { 1, 2, 3 }, new double[] { 9, 6, 0 }, -1)]
    [TestCase(new double[] { 1, 2, 2, 4 }, new double[] { 1, 3, 2, 4 }, 0.9486832980505138)]
    public void Spearman_KnownRanks_IsTheirCorrelation(double[] x, double[] y, double expected) =>
        Assert.That(ComparedWeights.Spearman(x, y), Is.EqualTo(expected).Within(1e-14));

    [Test]
    public void Front_Points_AreThoseNoOtherBeatsInBoth()
    {
        ScatterPoint[] points = [new("low", 1, 1, ""), new("left", 1, 5, ""), new("right", 5, 1, ""), new("best", 4, 4, ""), new("twin", 4, 4, "")];

        Assert.That(PlaneSection.Front(points).Select(p => p.Name), Is.EqualTo(new[] { "left", "best", "twin", "right" }));
    }

    private static int Binomial(Random random, int n, double p) => Enumerable.Range(0, n).Count(_ => random.NextDouble() < p);

    /// <summary>One class for each count of right images among n.</summary>
    private static AttackView Row(int n, params int[] correct)
    {
        var shares = Array.ConvertAll(correct, c => (double)c / n);
        return new AttackView
        {
            Name = "pgd", Average = shares.Average(), Worst = shares.Min(), Spread = shares.Max() - shares.Min(),
            PerClass = [.. correct.Select((c, k) => new ClassResultView(k, "", n, c, shares[k], double.NaN, double.NaN, double.NaN))],
        };
    }
}
