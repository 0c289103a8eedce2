using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class DroRiskPolicyTests
{
    private readonly double[] _average = new double[3];
    private readonly byte[] _seen = new byte[3];
    private readonly double[] _risk = new double[3];
    private readonly byte[] _present = new byte[3];

    [SetUp]
    public void Forget()
    {
        _average.AsSpan().Fill(double.NaN);
        _seen.AsSpan().Clear();
    }

    [Test]
    public void Gather_BatchRenormalise_LeavesAbsentClassesOut()
    {
        ClassRisks.Gather(ClassRiskPolicy.Batch, [6, 0, 5], [3, 0, 2], default, _risk, _present);

        Assert.That(_risk, Is.EqualTo(new[] { 2, 0, 2.5 }));
        Assert.That(_present, Is.EqualTo(new byte[] { 1, 0, 1 }));
        Assert.That(_seen, Is.EqualTo(new byte[3]), "a policy without averages must not touch them");
    }

    [Test]
    public void Gather_BatchFilled_TakesAbsentClassesFromTheAverage()
    {
        Gather(ClassRiskPolicy.BatchFilled, [6, 4, 0], [3, 1, 0]);

        Assert.That(_risk, Is.EqualTo(new[] { 2.0, 4, 0 }));
        Assert.That(_present, Is.EqualTo(new byte[] { 1, 1, 0 }), "never seen");

        Gather(ClassRiskPolicy.BatchFilled, [2, 0, 1], [2, 0, 1]);

        Assert.That(_risk, Is.EqualTo(new[] { 1.0, 4, 1 }), "batch means where there are any, the average else");
        Assert.That(_present, Is.EqualTo(new byte[] { 1, 1, 1 }));
        Assert.That(_average, Is.EqualTo(new[] { 0.9 * 2 + 0.1 * 1, 4, 1 }).Within(1e-15));
    }

    [Test]
    public void Gather_Average_StartsAtFirstSightAndMixesLater()
    {
        var policy = ClassRiskPolicy.Average(0.75);

        Gather(policy, [6, 0, 0], [3, 0, 0]);
        Gather(policy, [4, 3, 0], [1, 1, 0]);

        Assert.That(_risk, Is.EqualTo(new[] { 0.75 * 2 + 0.25 * 4, 3, 0 }));
        Assert.That(_present, Is.EqualTo(new byte[] { 1, 1, 0 }));
    }

    [Test]
    public void Gather_SavedAndRestoredState_ContinuesWithTheSameBits()
    {
        var policy = ClassRiskPolicy.Average(0.9);
        var random = new Random(41);
        var batches = Enumerable.Range(0, 20).Select(_ => (
            Sums: new[] { random.NextDouble(), random.NextDouble(), random.NextDouble() },
            Counts: new[] { random.Next(3), random.Next(3), random.Next(3) })).ToArray();
        double[]? savedAverage = null;
        byte[]? savedSeen = null;
        for (var i = 0; i < batches.Length; i++)
        {
            if (i == 10) (savedAverage, savedSeen) = ((double[])_average.Clone(), (byte[])_seen.Clone());
            Gather(policy, batches[i].Sums, batches[i].Counts);
        }

        var expected = (double[])_risk.Clone();
        savedAverage!.CopyTo(_average, 0);
        savedSeen!.CopyTo(_seen, 0);
        foreach (var (sums, counts) in batches[10..]) Gather(policy, sums, counts);

        Assert.That(_risk, Is.EqualTo(expected));
    }

    [Test]
    public void Gather_NotANumberLoss_IsRejectedByTheSolver()
    {
        var weights = new double[3];
        Gather(ClassRiskPolicy.Batch, [6, double.NaN, 5], [3, 1, 2]);

        var solution = ChiSquareWeights.Exact(_risk, default, new ChiSquareBall(0.3), weights, _present);

        Assert.That(solution.Status, Is.EqualTo(DroStatus.RiskNotFinite));
        Assert.That(solution.BadClass, Is.EqualTo(1));
    }

    [Test]
    public void Weighting_Batch_LossIsTheWeightedSumOverSamples()
    {
        double[] losses = [1, 3, 2, 5, 0.5];
        int[] labels = [0, 0, 2, 2, 2];
        var multipliers = new double[3];

        var result = ClassWeighting.Compute(
            ClassRiskPolicy.Batch, [0.25, 0, 0.75], [4, 0, 7.5], [2, 0, 3], multipliers);

        var direct = losses.Zip(labels, (loss, y) => multipliers[y] * loss).Sum();
        Assert.That(multipliers, Is.EqualTo(new[] { 0.125, 0, 0.25 }));
        Assert.That(result.Loss, Is.EqualTo(direct).Within(1e-15));
        Assert.That(result.Loss, Is.EqualTo(0.25 * 2 + 0.75 * 2.5));
        Assert.That(result.PresentWeight, Is.EqualTo(1));
        Assert.That(result.PresentClasses, Is.EqualTo(2));
    }

    [Test]
    public void Weighting_Average_DividesByTheWeightOfTheClassesPresent()
    {
        var multipliers = new double[3];

        var result = ClassWeighting.Compute(
            ClassRiskPolicy.Average(0.9), [0.25, 0.5, 0.25], [4, 0, 8], [2, 0, 4], multipliers);

        Assert.That(multipliers, Is.EqualTo(new[] { 0.25, 0, 0.125 }));
        Assert.That(result.Loss, Is.EqualTo(2));
        Assert.That(result.PresentWeight, Is.EqualTo(0.5));
    }

    [Test]
    public void Weighting_BatchFilled_IsNotDivided()
    {
        var multipliers = new double[3];

        var result = ClassWeighting.Compute(
            ClassRiskPolicy.BatchFilled, [0.25, 0.5, 0.25], [4, 0, 8], [2, 0, 4], multipliers);

        Assert.That(multipliers, Is.EqualTo(new[] { 0.125, 0, 0.0625 }));
        Assert.That(result.Loss, Is.EqualTo(1));
    }

    [Test]
    public void Weighting_AverageWithAllWeightOnAbsentClasses_TeachesNothing()
    {
        var multipliers = new double[3];

        var result = ClassWeighting.Compute(
            ClassRiskPolicy.Average(0.9), [0, 1, 0], [4, 0, 8], [2, 0, 4], multipliers);

        Assert.That(multipliers, Has.All.Zero);
        Assert.That(result.Loss, Is.Zero);
        Assert.That(result.PresentWeight, Is.Zero);
    }

    [Test]
    public void Weighting_NotANumberWeights_AreNotHidden()
    {
        var multipliers = new double[2];

        ClassWeighting.Compute(ClassRiskPolicy.Average(0.9), [double.NaN, double.NaN], [1, 1], [1, 1], multipliers);

        Assert.That(multipliers, Has.All.NaN);
    }

    [Test]
    public void Debias_ByHand_MatchesTheFormula()
    {
        // Class 0: losses 1, 3 (mean 2, scatter 2); class 1: 4, 5, 6 (mean 5, scatter 2); class 2 absent.
        // s^2 = 4/3; p0 = 1/2, 1/2; noise = 1/4 * 4/3 * (1/2 + 1/3) = 5/18; v = 9/4; ratio = 1 - 10/81.
        var result = DebiasedRadius.Compute(new ChiSquareBall(0.81), default, [4, 15, 0], [10, 77, 0], [2, 3, 0]);

        Assert.That(result.PooledVariance, Is.EqualTo(4.0 / 3).Within(1e-14));
        Assert.That(result.Noise, Is.EqualTo(5.0 / 18).Within(1e-15));
        Assert.That(result.Variance, Is.EqualTo(2.25).Within(1e-15));
        Assert.That(result.EtaEff, Is.EqualTo(0.71).Within(1e-14));
    }

    [Test]
    public void Debias_MoreNoiseThanVariance_RadiusZero()
    {
        var result = DebiasedRadius.Compute(new ChiSquareBall(0.5), [0.5, 0.5], [10, 10.2], [100, 100.5], [2, 2]);

        Assert.That(result.Noise, Is.GreaterThan(result.Variance));
        Assert.That(result.EtaEff, Is.Zero);
    }

    [Test]
    public void Debias_SingleSamples_CannotBeEstimatedAndKeepTheRadius()
    {
        var result = DebiasedRadius.Compute(new ChiSquareBall(0.5), default, [1, 2], [1, 4], [1, 1]);

        Assert.That(result.EtaEff, Is.EqualTo(0.5));
        Assert.That(result.Noise, Is.NaN);
    }

    [Test]
    public void Debias_EqualClassMeans_RadiusZeroAndNoDivision()
    {
        var result = DebiasedRadius.Compute(new ChiSquareBall(0.5), default, [4, 4], [10, 10], [2, 2]);

        Assert.That(result.Variance, Is.Zero);
        Assert.That(result.EtaEff, Is.Zero);
    }

    [Test]
    public void Debias_NotANumberLoss_IsNotHidden()
    {
        var result = DebiasedRadius.Compute(new ChiSquareBall(0.5), default, [4, double.NaN], [10, 10], [2, 2]);

        Assert.That(result.EtaEff, Is.NaN);
    }

    [Test]
    public void Debias_ManyRandomBatches_MeanNoiseIsTheExcessVariance()
    {
        // Ten classes of equal true mean and deviation 0.7: all variance of the class means is noise.
        var random = new Random(42);
        double variance = 0, noise = 0;
        const int Batches = 4000;
        for (var batch = 0; batch < Batches; batch++)
        {
            double[] sums = new double[10], squares = new double[10];
            var counts = new int[10];
            for (var k = 0; k < 10; k++)
            {
                counts[k] = 2 + k;
                for (var i = 0; i < counts[k]; i++)
                {
                    var uniform = random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5;
                    var loss = 2.3 + 1.4 * uniform;
                    sums[k] += loss;
                    squares[k] += loss * loss;
                }
            }

            var result = DebiasedRadius.Compute(new ChiSquareBall(0.3), default, sums, squares, counts);
            variance += result.Variance / Batches;
            noise += result.Noise / Batches;
        }

        // Standard error of the mean variance is about 1 %.
        Assert.That(noise, Is.EqualTo(variance).Within(0.03 * variance));
    }

    private void Gather(ClassRiskPolicy policy, ReadOnlySpan<double> sums, ReadOnlySpan<int> counts) =>
        ClassRisks.Gather(policy, sums, counts, new ClassAverages(_average, _seen), _risk, _present);
}
