using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class DroDegenerateTests
{
    private static readonly double[] s_prior = [0.5, 0.3, 0.2];

    [Test]
    public void Solvers_EqualRisks_ReturnThePrior([Values(0.0, 0.3, 50)] double eta)
    {
        // 0.1 + 0.2 is the next double above 0.3, so these are all equal but not round.
        double[] risk = [0.1 + 0.2, 0.1 + 0.2, 0.1 + 0.2];
        var exact = new double[3];
        var published = new double[3];

        var a = ChiSquareWeights.Exact(risk, s_prior, new ChiSquareBall(eta), exact);
        var b = ChiSquareWeights.Published(risk, s_prior, new ChiSquareBall(eta), published);

        Assert.That(exact, Is.EqualTo(s_prior));
        Assert.That(published, Is.EqualTo(s_prior));
        Assert.That(a, Is.EqualTo(b));
        Assert.That(a.Variance, Is.Zero);
        Assert.That(a.Objective, Is.EqualTo(risk[0]));
        var certificate = DroCertificate.Compute(risk, s_prior, new ChiSquareBall(eta), exact);
        Assert.That(certificate.Kkt, Is.LessThan(1e-15));
        Assert.That(certificate.Gap, Is.EqualTo(0).Within(1e-15));
    }

    [Test]
    public void Solvers_RadiusZero_ReturnThePrior()
    {
        var weights = new double[3];

        var solution = ChiSquareWeights.Exact([1.0, 5, 2], s_prior, new ChiSquareBall(0), weights);

        Assert.That(weights, Is.EqualTo(s_prior));
        Assert.That(solution.Objective, Is.EqualTo(2.4).Within(1e-15));
        Assert.That(solution.Active, Is.EqualTo(3));
        var certificate = DroCertificate.Compute([1.0, 5, 2], s_prior, new ChiSquareBall(0), weights);
        Assert.That(certificate.Kkt, Is.Zero);
        Assert.That(certificate.Radius, Is.Zero);
        Assert.That(certificate.Gap, Is.EqualTo(0).Within(1e-15));
    }

    [Test]
    public void Solvers_OneClass_GetsAllWeight([Values(0.0, 0.5, 1e9)] double eta)
    {
        var weights = new double[1];

        var solution = ChiSquareWeights.Exact([0.7], [0.25], new ChiSquareBall(eta), weights);

        Assert.That(weights[0], Is.EqualTo(1));
        Assert.That(solution.Objective, Is.EqualTo(0.7));
        Assert.That(DroCertificate.Compute([0.7], [0.25], new ChiSquareBall(eta), weights).Kkt, Is.Zero);
    }

    [Test]
    public void Solvers_AbsentClasses_AreLeftOutAndThePriorRenormalised([Values(0.0, 0.2, 3)] double eta)
    {
        var weights = new double[5];
        var small = new double[3];
        double[] risk = [1.0, double.NaN, 5, 2, double.PositiveInfinity];
        double[] prior = [0.25, 0.4, 0.15, 0.1, 0];
        byte[] present = [1, 0, 1, 1, 1];

        var masked = ChiSquareWeights.Exact(risk, prior, new ChiSquareBall(eta), weights, present);

        var plain = ChiSquareWeights.Exact([1.0, 5, 2], s_prior, new ChiSquareBall(eta), small);
        Assert.That(masked.Classes, Is.EqualTo(3));
        Assert.That(weights[1], Is.Zero);
        Assert.That(weights[4], Is.Zero);
        Assert.That(new[] { weights[0], weights[2], weights[3] }, Is.EqualTo(small).Within(1e-15));
        Assert.That(masked.Objective, Is.EqualTo(plain.Objective).Within(1e-15));
        var certificate = DroCertificate.Compute(risk, prior, new ChiSquareBall(eta), weights, present);
        Assert.That(certificate.Kkt, Is.LessThan(1e-14));
    }

    [Test]
    public void Exact_BeyondThePointMassRadius_AllMassOnTheLargestRisk()
    {
        var weights = new double[3];
        // The largest risk has prior 0.2: its point mass lies at radius (1 - 0.2)/0.2 = 4.
        foreach (var eta in (double[])[4.0 + 1e-12, 5, 1e6, 1e300])
        {
            var solution = ChiSquareWeights.Exact([1.0, 2, 5], s_prior, new ChiSquareBall(eta), weights);

            Assert.That(weights, Is.EqualTo(new[] { 0, 0, 1.0 }));
            Assert.That(solution.Objective, Is.EqualTo(5).Within(1e-15));
            var certificate = DroCertificate.Compute([1.0, 2, 5], s_prior, new ChiSquareBall(eta), weights);
            Assert.That(certificate.Radius, Is.EqualTo(4).Within(1e-14));
            Assert.That(certificate.Kkt, Is.LessThan(1e-14));
            Assert.That(certificate.Gap, Is.EqualTo(0).Within(1e-14));
            Assert.That(certificate.Active, Is.EqualTo(1));
        }
    }

    [Test]
    public void Exact_JustBelowThePointMassRadius_KeepsTheOthersALittle()
    {
        var weights = new double[3];

        ChiSquareWeights.Exact([1.0, 2, 5], s_prior, new ChiSquareBall(4 - 1e-6), weights);

        Assert.That(weights[2], Is.InRange(1 - 1e-6, 1 - 1e-8));
        Assert.That(weights[1], Is.EqualTo(1 - weights[2]).Within(1e-15));
        Assert.That(DroReference.Divergence(weights, s_prior), Is.EqualTo(4 - 1e-6).Within(1e-14));
    }

    [Test]
    public void Exact_TiesAtTheTopBeyondTheirRadius_ShareByThePrior()
    {
        var weights = new double[4];
        double[] prior = [0.1, 0.4, 0.3, 0.2];

        ChiSquareWeights.Exact([7.0, 1, 7, 2], prior, new ChiSquareBall(1.6), weights);

        Assert.That(weights, Is.EqualTo(new[] { 0.25, 0, 0.75, 0 }).Within(1e-15));
        Assert.That(DroCertificate.Compute([7.0, 1, 7, 2], prior, new ChiSquareBall(1.6), weights).Radius,
            Is.EqualTo(1.5).Within(1e-14));
    }

    [Test]
    public void Exact_Ties_GetEqualMultiplesOfThePrior([Values(0.05, 0.4, 1.1, 2.5)] double eta)
    {
        var weights = new double[6];
        double[] prior = [0.1, 0.25, 0.15, 0.2, 0.2, 0.1];

        ChiSquareWeights.Exact([3.0, 1, 3, 1, 2, 2], prior, new ChiSquareBall(eta), weights);

        Assert.That(weights[0] / prior[0], Is.EqualTo(weights[2] / prior[2]).Within(1e-15));
        Assert.That(weights[1] / prior[1], Is.EqualTo(weights[3] / prior[3]).Within(1e-15));
        Assert.That(weights[4] / prior[4], Is.EqualTo(weights[5] / prior[5]).Within(1e-15));
    }

    [TestCase(1e-12)]
    [TestCase(1e12)]
    [TestCase(1e-300)]
    [TestCase(1e300)]
    [TestCase(1e-310)]
    public void Exact_TinyAndHugeRisks_SameWeights(double scale)
    {
        double[] risk = [0.3, 0.9, 1.7, 0.4, 1.6];
        var expected = new double[5];
        var weights = new double[5];
        ChiSquareWeights.Exact(risk, default, new ChiSquareBall(0.8), expected);

        ChiSquareWeights.Exact(Array.ConvertAll(risk, h => h * scale), default, new ChiSquareBall(0.8), weights);

        // Below 2^-1022 the inputs themselves have lost digits.
        Assert.That(weights, Is.EqualTo(expected).Within(scale < 1e-307 ? 1e-12 : 1e-15));
    }

    [Test]
    public void Exact_SmallDifferencesOnAHugeMean_KeepEveryDigit()
    {
        // Multiples of 2^-12 are exact at 1e12, so shifting loses nothing and the weights must not move.
        double[] steps = [3, 9, 17, 4, 16, 0];
        var expected = new double[6];
        var weights = new double[6];
        ChiSquareWeights.Exact(steps, default, new ChiSquareBall(0.9), expected);

        var solution = ChiSquareWeights.Exact(
            Array.ConvertAll(steps, s => 1e12 + s / 4096), default, new ChiSquareBall(0.9), weights);

        Assert.That(weights, Is.EqualTo(expected).Within(2e-16));
        Assert.That(solution.Excess * 4096, Is.EqualTo(
            DroReference.Dot(expected, steps) - steps.Average()).Within(1e-14));
    }

    [Test]
    public void Exact_RarestClassIsTheWorst_StaysInTheBall()
    {
        double[] prior = [1e-12, 1 - 1e-12];
        var weights = new double[2];

        ChiSquareWeights.Exact([1.0, 0.25], prior, new ChiSquareBall(0.3), weights);

        // p - p0 = sqrt(eta p0 (1 - p0)) for two classes.
        Assert.That(weights[0], Is.EqualTo(1e-12 + Math.Sqrt(0.3 * 1e-12 * (1 - 1e-12))).Within(1e-21));
        Assert.That(weights[0] + weights[1], Is.EqualTo(1).Within(1e-15));
    }

    [Test]
    public void Solvers_UnusableInput_SayWhichClassAndPoisonTheWeights()
    {
        var weights = new double[3];
        var ball = new ChiSquareBall(0.3);

        Check(ChiSquareWeights.Exact([1, double.NaN, 2], s_prior, ball, weights), DroStatus.RiskNotFinite, 1);
        Check(ChiSquareWeights.Published([1, 2, double.NegativeInfinity], default, ball, weights),
            DroStatus.RiskNotFinite, 2);
        Check(ChiSquareWeights.Exact([1, 2, 3], [0.5, -0.1, 0.6], ball, weights), DroStatus.PriorInvalid, 1);
        Check(ChiSquareWeights.Exact([1, 2, 3], [double.NaN, 0.4, 0.6], ball, weights), DroStatus.PriorInvalid, 0);
        Check(ChiSquareWeights.Exact([1, 2, 3], default, new ChiSquareBall(-1), weights), DroStatus.RadiusInvalid, -1);
        Check(ChiSquareWeights.Exact([1, 2, 3], default, new ChiSquareBall(double.NaN), weights),
            DroStatus.RadiusInvalid, -1);
        Check(ChiSquareWeights.Exact([1, 2, 3], default, ball, weights, [0, 0, 0]), DroStatus.NoClass, -1);
        Check(ChiSquareWeights.Published([1, 2, 3], [0, 0, 0], ball, weights), DroStatus.NoClass, -1);

        void Check(ChiSquareSolution solution, DroStatus status, int badClass)
        {
            Assert.That(solution.Status, Is.EqualTo(status));
            Assert.That(solution.BadClass, Is.EqualTo(badClass));
            Assert.That(weights, Has.All.NaN);
            weights.AsSpan().Clear();
        }
    }

    [Test]
    public void Solvers_WrongLengths_Throw()
    {
        var weights = new double[3];

        Assert.That(() => ChiSquareWeights.Exact([1, 2], default, new ChiSquareBall(1), weights),
            Throws.ArgumentException);
        Assert.That(() => ChiSquareWeights.Exact([1, 2, 3], [0.5, 0.5], new ChiSquareBall(1), weights),
            Throws.ArgumentException);
        Assert.That(() => ChiSquareWeights.Exact([1, 2, 3], default, new ChiSquareBall(1), weights, [1]),
            Throws.ArgumentException);
    }

    [TestCase(10)]
    [TestCase(1000)]
    public void Solvers_InALoop_AllocateNothing(int classes)
    {
        var random = new Random(5);
        var risk = new double[classes];
        for (var k = 0; k < classes; k++) risk[k] = random.NextDouble();
        var weights = new double[classes];
        var ball = new ChiSquareBall(2);
        Step();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) Step();
        var after = GC.GetAllocatedBytesForCurrentThread();

        Assert.That(after - before, Is.Zero);

        void Step()
        {
            ChiSquareWeights.Published(risk, default, ball, weights);
            ChiSquareWeights.Exact(risk, default, ball, weights);
            DroCertificate.Compute(risk, default, ball, weights);
        }
    }
}
