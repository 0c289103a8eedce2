using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Groups of classes: the widest gap, Sarle's coefficient, and their intervals.</summary>
internal sealed class ClassGroupsTests
{
    [Test]
    public void Gap_HandComputed_SplitsAtTheWidest() =>
        Assert.That(ClassGap.Of([8, 1, 2, 9, 4, 10]), Is.EqualTo(new ClassGap(4, 3, 3, 9 - 7 / 3.0)));

    [Test]
    public void Gap_EqualGaps_IsTheLowest() => Assert.That(ClassGap.Of([3, 2, 1]), Is.EqualTo(new ClassGap(1, 1, 2, 1.5)));

    [Test]
    public void Bimodality_RandomSamples_IsThatOfKStatistics()
    {
        var random = new Random(1);
        for (var i = 0; i < 50; i++)
        {
            var sample = Enumerable.Range(0, random.Next(4, 30)).Select(_ => Math.Pow(random.NextDouble(), 1 + i % 3)).ToArray();
            // Fisher's unbiased cumulants from power sums.
            double n = sample.Length, s1 = sample.Sum(), s2 = sample.Sum(v => v * v), s3 = sample.Sum(v => v * v * v),
                s4 = sample.Sum(v => v * v * v * v);
            var k2 = (n * s2 - s1 * s1) / (n * (n - 1));
            var k3 = (2 * s1 * s1 * s1 - 3 * n * s1 * s2 + n * n * s3) / (n * (n - 1) * (n - 2));
            var k4 = (-6 * Math.Pow(s1, 4) + 12 * n * s1 * s1 * s2 - 3 * n * (n - 1) * s2 * s2 - 4 * n * (n + 1) * s1 * s3
                + n * n * (n + 1) * s4) / (n * (n - 1) * (n - 2) * (n - 3));
            var expected = (k3 * k3 / (k2 * k2 * k2) + 1) / (k4 / (k2 * k2) + 3 * (n - 1) * (n - 1) / ((n - 2) * (n - 3)));

            Assert.That(ClassGap.Bimodality(sample), Is.EqualTo(expected).Within(1e-8));
        }
    }

    [Test]
    public void Bimodality_ManyEvenValuesAndTwoPoints_IsFiveNinthsAndOne()
    {
        Assert.That(ClassGap.Bimodality([.. Enumerable.Range(0, 20_000).Select(i => i / 2e4)]), Is.EqualTo(5 / 9.0).Within(1e-3));
        Assert.That(ClassGap.Bimodality([.. Enumerable.Range(0, 20_000).Select(i => (double)(i % 2))]), Is.EqualTo(1).Within(1e-3));
    }

    [Test]
    public void Bimodality_ThreeOrEqualValues_IsUndefined()
    {
        Assert.That(ClassGap.Bimodality([1, 2, 3]), Is.NaN);
        Assert.That(ClassGap.Bimodality([0.3, 0.3, 0.3, 0.3]), Is.NaN);
        var groups = ComparedBimodality.Of("m", [Row(100, 30, 30, 30, 30)])!;
        Assert.That((groups.Coefficient.Mean, groups.Coefficient.Low, groups.Dip, groups.DipP),
            Is.EqualTo((double.NaN, double.NaN, double.NaN, double.NaN)));
        Assert.That(groups.Gap.Mean, Is.Zero);
        Assert.That(ComparedBimodality.Of("m", [Row(100, 30)]), Is.Null);
    }

    [Test]
    public void Interval_OfOneClass_IsThatOfTheSeedBootstrap()
    {
        AttackView[] one = [Row(400, 100)], three = [Row(400, 100), Row(400, 140), Row(400, 90)];

        // Images are centred on their mean here and on their median there: less than half an image apart.
        Same(one, 0.5 / 400);
        // Seeds are centred on their drawn mean here and on their own there.
        Same(three, 2e-3 + 0.5 / 400);

        static void Same(AttackView[] seeds, double tolerance)
        {
            var expected = SeedBootstrap.Of("m", seeds).Statistic(SeedQuantity.Average);
            var found = ClassBootstrap.Of("m", seeds).Statistic(a => a[0]);
            Assert.That(found.Mean, Is.EqualTo(expected.Mean).Within(1e-15));
            Assert.That(found.Low, Is.EqualTo(expected.Low).Within(tolerance));
            Assert.That(found.High, Is.EqualTo(expected.High).Within(tolerance));
        }
    }

    [Test]
    public void Of_MeansOverSeeds_AreWhatIsSplitAndMoreImagesNarrowTheInterval()
    {
        // Means 0.2, 0.3, 0.7, 0.8: a gap of 0.4 that neither seed has.
        var few = ComparedBimodality.Of("m", [Row(100, 10, 40, 60, 80), Row(100, 30, 20, 80, 80)])!;
        var many = ComparedBimodality.Of("m", [Row(10_000, 2000, 3000, 7000, 8000), Row(10_000, 2000, 3000, 7000, 8000)])!;

        Assert.That((few.Split.Below, few.Split.Above), Is.EqualTo((2, 2)));
        Assert.That(few.Gap.Mean, Is.EqualTo(0.4).Within(1e-12));
        Assert.That(few.Split.Distance, Is.EqualTo(0.5).Within(1e-12));
        Assert.That(few.Gap.Low, Is.LessThan(0.4));
        Assert.That(few.Gap.High, Is.GreaterThan(0.4));
        Assert.That(many.Gap.High - many.Gap.Low, Is.Positive.And.LessThan(0.2 * (few.Gap.High - few.Gap.Low)));
        Assert.That(many.Coefficient.Low, Is.LessThan(many.Coefficient.Mean));
        Assert.That(ComparedBimodality.Of("m", [Row(100, 10, 40, 60, 80), Row(100, 30, 20, 80, 80)]), Is.EqualTo(few));
    }

    [Test]
    public void Of_ClassASeedHasNoImagesOf_IsLeftOut()
    {
        var empty = Row(100, 10, 50, 90);
        empty = empty with { PerClass = [.. empty.PerClass.Select(c => c.Class == 1 ? c with { N = 0, Correct = 0, Accuracy = double.NaN } : c)] };

        Assert.That(ComparedBimodality.Of("m", [Row(100, 10, 50, 90), empty])!.Gap.Mean, Is.EqualTo(0.8).Within(1e-12));
    }

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
