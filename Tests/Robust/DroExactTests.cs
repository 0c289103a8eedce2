using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class DroExactTests
{
    /// <summary>The zoomed grid ends with cells of about 1e-9, and the objective is flat around its maximum.</summary>
    private const double GridTolerance = 1e-7;

    [TestCase(2, 200)]
    [TestCase(3, 60)]
    [TestCase(4, 12)]
    public void Exact_SmallProblems_MatchBruteForce(int classes, int cases)
    {
        var random = new Random(classes);
        var weights = new double[classes];
        for (var i = 0; i < cases; i++)
        {
            var prior = new double[classes];
            var risk = new double[classes];
            for (var k = 0; k < classes; k++)
            {
                prior[k] = 0.1 + random.NextDouble();
                risk[k] = 2 * random.NextDouble();
            }

            DroReference.Normalise(prior);
            var eta = 1.5 * (classes - 1) * random.NextDouble();

            var solution = ChiSquareWeights.Exact(risk, prior, new ChiSquareBall(eta), weights);

            var brute = DroReference.BruteForce(risk, prior, eta);
            Assert.That(solution.Objective, Is.GreaterThanOrEqualTo(brute - 1e-12), $"case {i}: grid is better");
            Assert.That(solution.Objective, Is.EqualTo(brute).Within(GridTolerance), $"case {i}: grid is not near");
        }
    }

    [Test]
    public void Exact_RandomProblems_MatchBisection()
    {
        var random = new Random(11);
        for (var i = 0; i < 2000; i++)
        {
            var problem = DroReference.Draw(random, 60);
            if (problem.Risk.Max() == problem.Risk.Min() || problem.Eta < 1e-6) continue;
            var weights = new double[problem.Risk.Length];

            ChiSquareWeights.Exact(problem.Risk, problem.Prior, new ChiSquareBall(problem.Eta), weights);

            var expected = DroReference.Bisect(problem.Risk, problem.Prior, problem.Eta);
            for (var k = 0; k < weights.Length; k++)
                Assert.That(weights[k], Is.EqualTo(expected[k]).Within(2e-8), $"case {i}, class {k}");
        }
    }

    [Test]
    public void Exact_ThousandsOfProblems_MeetTheOptimalityConditions()
    {
        var random = new Random(12);
        for (var i = 0; i < 4000; i++)
        {
            var problem = DroReference.Draw(random, i % 20 == 0 ? 1000 : 40);
            var ball = new ChiSquareBall(problem.Eta);
            var weights = new double[problem.Risk.Length];

            var solution = ChiSquareWeights.Exact(problem.Risk, problem.Prior, ball, weights);

            var certificate = DroCertificate.Compute(problem.Risk, problem.Prior, ball, weights);
            var because = $"case {i}, K={weights.Length}, eta={problem.Eta}: {certificate}";
            Assert.That(weights, Has.All.GreaterThanOrEqualTo(0.0), because);
            Assert.That(weights.Sum(), Is.EqualTo(1).Within(1e-13), because);
            // The conditions hold up to rounding of the largest term in each: the radius and multiples p/p0 of up to
            // 1e6.
            var rounding = 1e-11 * (1 + problem.Eta) + 1e-15 / Math.Sqrt(problem.Eta);
            Assert.That(certificate.Kkt, Is.LessThan(rounding), because);
            Assert.That(certificate.Gap, Is.InRange(-1e-13, 1e-12), because);
            Assert.That(certificate.Active, Is.EqualTo(solution.Active), because);
        }
    }

    [Test]
    public void Exact_AnyFeasibleDistribution_IsNotBetter()
    {
        var random = new Random(13);
        for (var i = 0; i < 300; i++)
        {
            var problem = DroReference.Draw(random, 12);
            var weights = new double[problem.Risk.Length];

            var solution = ChiSquareWeights.Exact(problem.Risk, problem.Prior, new ChiSquareBall(problem.Eta), weights);

            for (var j = 0; j < 200; j++)
            {
                var other = DroReference.Feasible(random, problem.Prior, problem.Eta);
                Assert.That(DroReference.Dot(other, problem.Risk), Is.LessThanOrEqualTo(solution.Objective + 1e-12));
            }
        }
    }

    [Test]
    public void Exact_PublishedNotNegative_SameBits()
    {
        var random = new Random(14);
        var compared = 0;
        for (var i = 0; i < 2000; i++)
        {
            var problem = DroReference.Draw(random, 30);
            var ball = new ChiSquareBall(problem.Eta);
            var exact = new double[problem.Risk.Length];
            var published = new double[problem.Risk.Length];

            ChiSquareWeights.Exact(problem.Risk, problem.Prior, ball, exact);
            var solution = ChiSquareWeights.Published(problem.Risk, problem.Prior, ball, published);

            if (solution.Negative > 0) continue;
            compared++;
            Assert.That(exact, Is.EqualTo(published), $"case {i}");
        }

        Assert.That(compared, Is.GreaterThan(300));
    }

    [Test]
    public void Exact_AroundTheFirstNegativeWeight_MovesContinuously()
    {
        double[] risk = [0.2, 1.1, 1.4, 2.0];
        var weights = new double[4];
        // The least weight is 0 where sqrt(eta/v) (m - H_min) = 1.
        double mean = risk.Average(), variance = risk.Average(h => (h - mean) * (h - mean));
        var edge = variance / Math.Pow(mean - 0.2, 2);

        foreach (var step in (double[])[1e-3, 1e-6, 1e-9, 1e-12])
        {
            ChiSquareWeights.Exact(risk, default, new ChiSquareBall(edge * (1 - step)), weights);
            var before = (double[])weights.Clone();
            ChiSquareWeights.Exact(risk, default, new ChiSquareBall(edge * (1 + step)), weights);

            Assert.That(before[0], Is.GreaterThan(0));
            Assert.That(weights[0], Is.Zero);
            for (var k = 0; k < 4; k++) Assert.That(weights[k], Is.EqualTo(before[k]).Within(step + 1e-15));
        }
    }

    [Test]
    public void Exact_OneTenthRadiusAndPaperRadii_KnownValues()
    {
        // K = 2, uniform: p = 1/2 +- sqrt(eta)/2 for any two different risks.
        var weights = new double[2];

        var solution = ChiSquareWeights.Exact([3.0, 1.0], default, new ChiSquareBall(0.25), weights);

        Assert.That(weights, Is.EqualTo(new[] { 0.75, 0.25 }).Within(1e-16));
        Assert.That(solution.Objective, Is.EqualTo(2.5).Within(1e-15));
        Assert.That(solution.Mean, Is.EqualTo(2));
        Assert.That(solution.Variance, Is.EqualTo(1));
        Assert.That(solution.Excess, Is.EqualTo(0.5));
    }
}
