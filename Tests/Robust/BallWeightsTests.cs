using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The worst distributions of the balls that rivals use: brute force, optimality conditions, edges.</summary>
internal sealed class BallWeightsTests
{
    /// <summary>The zoomed grid ends with cells of about 1e-9, and the objective is flat around its maximum.</summary>
    private const double GridTolerance = 1e-7;

    private static readonly BallKind[] s_rivals = [BallKind.Kl, BallKind.ReverseKl, BallKind.Cvar];

    [Test]
    public void Solve_SmallProblems_MatchBruteForce([Values] BallKind ball, [Values(2, 3)] int classes)
    {
        var random = new Random(classes);
        var weights = new double[classes];
        for (var i = 0; i < (classes == 2 ? 30 : 6); i++)
        {
            var (prior, risk) = (new double[classes], new double[classes]);
            for (var k = 0; k < classes; k++)
            {
                prior[k] = 0.1 + random.NextDouble();
                risk[k] = 2 * random.NextDouble();
            }
            DroReference.Normalise(prior);
            var eta = ball == BallKind.Cvar ? 0.05 + 0.95 * random.NextDouble() : 1.2 * random.NextDouble();

            var solution = BallWeights.Solve(ball, risk, prior, eta, weights);

            var brute = BallReference.BruteForce(ball, risk, prior, eta);
            Assert.That(solution.Objective, Is.GreaterThanOrEqualTo(brute - 1e-12), $"case {i}: grid is better");
            Assert.That(solution.Objective, Is.EqualTo(brute).Within(GridTolerance), $"case {i}: grid is not near");
        }
    }

    [TestCaseSource(nameof(s_rivals))]
    public void Solve_ThousandsOfProblems_MeetTheOptimalityConditions(BallKind ball)
    {
        var random = new Random(12);
        for (var i = 0; i < 3000; i++)
        {
            var (problem, eta) = Draw(random, ball, 60);
            var weights = new double[problem.Risk.Length];

            var solution = BallWeights.Solve(ball, problem.Risk, problem.Prior, eta, weights);

            var certificate = BallCertificate.Compute(ball, problem.Risk, problem.Prior, eta, weights);
            var scale = problem.Risk.Max(Math.Abs);
            Assert.That(solution.Status, Is.EqualTo(DroStatus.Ok));
            Assert.That(weights, Has.All.GreaterThanOrEqualTo(0), $"case {i}");
            // A tiny ball has a huge multiplier, which stretches rounding in its conditions.
            Assert.That(certificate.Kkt, Is.LessThan(1e-15 + 5e-9 * scale * Math.Max(1, 1e-2 / Math.Sqrt(eta))), $"case {i}, eta {eta}: {problem.Risk.Length} classes");
            Assert.That(certificate.Gap, Is.EqualTo(0).Within(1e-15 + 2e-10 * scale), $"case {i}, eta {eta}");
            Assert.That(certificate.Active, Is.EqualTo(solution.Active));
            Assert.That(solution.Objective, Is.EqualTo(DroReference.Dot(weights, problem.Risk)).Within(1e-15 + 1e-12 * scale));
        }
    }

    [TestCaseSource(nameof(s_rivals))]
    public void Solve_RandomFeasiblePoints_AreNoBetter(BallKind ball)
    {
        var random = new Random(5);
        for (var i = 0; i < 200; i++)
        {
            var (problem, eta) = Draw(random, ball, 12);
            var weights = new double[problem.Risk.Length];
            var solution = BallWeights.Solve(ball, problem.Risk, problem.Prior, eta, weights);
            Assert.That(BallReference.Divergence(ball, weights, problem.Prior),
                Is.LessThanOrEqualTo(BallReference.Limit(ball, eta) * (1 + 1e-9) + 1e-14), $"case {i}");
            for (var j = 0; j < 20; j++)
            {
                var other = BallReference.Feasible(ball, random, problem.Prior, eta);
                Assert.That(DroReference.Dot(other, problem.Risk), Is.LessThanOrEqualTo(solution.Objective + 1e-9));
            }
        }
    }

    [TestCase(BallKind.Kl)]
    [TestCase(BallKind.ReverseKl)]
    public void Solve_SmallRadius_IsReachedToItsLastDigits(BallKind ball)
    {
        double[] risk = [0.3, 1.7, 0.9, 2.2], prior = [0.25, 0.25, 0.25, 0.25];
        var weights = new double[4];
        foreach (var eta in new[] { 1e-12, 1e-8, 1e-4, 0.1 })
        {
            BallWeights.Solve(ball, risk, prior, eta, weights);

            // To third order in y = p/p0 - 1: y^2/2 - y^3/6, and y^2/2 - y^3/3 for the reverse.
            var (square, cube) = (0.0, 0.0);
            for (var k = 0; k < 4; k++)
            {
                var y = weights[k] / prior[k] - 1;
                square += prior[k] * y * y / 2;
                cube += prior[k] * y * y * y / (ball == BallKind.Kl ? 6 : 3);
            }
            Assert.That(eta < 1e-3 ? square - cube : BallReference.Divergence(ball, weights, prior),
                Is.EqualTo(eta).Within(eta * Math.Max(10 * eta, 1e-9 / Math.Sqrt(eta) * 1e-5 + 1e-12)), $"eta {eta}");
        }
    }

    [Test]
    public void Solve_EqualRisksOrNoRadius_ReturnsThePrior([Values] BallKind ball)
    {
        double[] prior = [0.5, 0.3, 0.2], weights = new double[3];
        var none = ball == BallKind.Cvar ? 1 : 0;

        var equal = BallWeights.Solve(ball, [1.5, 1.5, 1.5], prior, 0.4, weights);
        Assert.That(weights, Is.EqualTo(prior).Within(1e-15));
        Assert.That(equal.Objective, Is.EqualTo(1.5));

        BallWeights.Solve(ball, [1, 2, 3], prior, none, weights);
        Assert.That(weights, Is.EqualTo(prior).Within(1e-15));
    }

    [Test]
    public void Solve_OneClassOrAbsentOnes_LeavesThemOut([Values] BallKind ball)
    {
        double[] weights = new double[4];

        BallWeights.Solve(ball, [3, 1, double.NaN, 2], [0.4, 0.3, 0, 0.3], 0.2, weights, [1, 1, 1, 0]);

        Assert.That(weights[2], Is.Zero);
        Assert.That(weights[3], Is.Zero);
        Assert.That(weights[0] + weights[1], Is.EqualTo(1).Within(1e-15));
        Assert.That(weights[0], Is.GreaterThan(0.4 / 0.7));
        Assert.That(BallWeights.Solve(ball, [3], [], 0.2, weights.AsSpan(0, 1)).Objective, Is.EqualTo(3));
        Assert.That(weights[0], Is.EqualTo(1));
    }

    [Test]
    public void Solve_TiedWorstClasses_ShareByTheirPrior()
    {
        double[] weights = new double[3];

        BallWeights.Solve(BallKind.Kl, [2, 2, 1], [0.3, 0.1, 0.6], 5, weights);
        Assert.That(weights, Is.EqualTo(new[] { 0.75, 0.25, 0 }).Within(1e-15));

        BallWeights.Solve(BallKind.Cvar, [1, 1, 2], [0.3, 0.1, 0.6], 0.8, weights);
        Assert.That(weights, Is.EqualTo(new[] { 0.1875, 0.0625, 0.75 }).Within(1e-15));

        BallWeights.Solve(BallKind.ReverseKl, [2, 2, 1], [0.3, 0.1, 0.6], 3, weights);
        Assert.That(weights[0], Is.EqualTo(3 * weights[1]).Within(1e-15));
        Assert.That(weights[2], Is.Positive, "no weight of this ball is ever 0");
    }

    [Test]
    public void Solve_HugeRadius_PutsAllOnTheWorst()
    {
        double[] weights = new double[3];

        BallWeights.Solve(BallKind.ReverseKl, [1, 3, 2], [], 100, weights);
        Assert.That(weights[1], Is.EqualTo(1).Within(1e-15));
        BallWeights.Solve(BallKind.Kl, [1, 3, 2], [], 1e300, weights);
        Assert.That(weights, Is.EqualTo(new double[] { 0, 1, 0 }));
        BallWeights.Solve(BallKind.Cvar, [1, 3, 2], [], 1e-3, weights);
        Assert.That(weights, Is.EqualTo(new double[] { 0, 1, 0 }));
    }

    [TestCase(BallKind.Kl, -0.1)]
    [TestCase(BallKind.ReverseKl, double.NaN)]
    [TestCase(BallKind.Cvar, 0)]
    [TestCase(BallKind.Cvar, 1.01)]
    public void Solve_RadiusNotPossible_SaysSo(BallKind ball, double eta)
    {
        double[] weights = new double[2];

        var solution = BallWeights.Solve(ball, [1, 2], [], eta, weights);

        Assert.That(solution.Status, Is.EqualTo(DroStatus.RadiusInvalid));
        Assert.That(weights, Has.All.NaN);
        Assert.That(BallCertificate.Compute(ball, [1, 2], [], eta, [0.5, 0.5]).Status, Is.EqualTo(DroStatus.RadiusInvalid));
    }

    [TestCaseSource(nameof(s_rivals))]
    public void Certificate_OfOtherWeights_ShowsThemWrong(BallKind ball)
    {
        double[] risk = [1, 2, 4], prior = [0.3, 0.3, 0.4];
        var weights = new double[3];
        BallWeights.Solve(ball, risk, prior, 0.5, weights);

        var timid = BallCertificate.Compute(ball, risk, prior, 0.5, prior);
        var bold = BallCertificate.Compute(ball, risk, prior, 0.5, [0, 0, 1]);
        var swapped = BallCertificate.Compute(ball, risk, prior, 0.5, [weights[1], weights[0], weights[2]]);

        Assert.That(timid.Gap, Is.GreaterThan(0.1));
        Assert.That(timid.Kkt, Is.GreaterThan(0.05));
        Assert.That(bold.Kkt, Is.GreaterThan(0.05), "outside the ball");
        if (ball != BallKind.Cvar) Assert.That(swapped.Gap, Is.GreaterThan(1e-4));
    }

    [Test]
    public void Solve_AfterWarmUp_AllocatesNothing([Values] BallKind ball)
    {
        double[] risk = [0.3, 1.7, 0.9, 2.2, 0.1], weights = new double[5];
        BallWeights.Solve(ball, risk, default, 0.3, weights);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 10; i++) BallWeights.Solve(ball, risk, default, 0.3, weights);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private static (DroReference.Problem Problem, double Eta) Draw(Random random, BallKind ball, int classes)
    {
        var problem = DroReference.Draw(random, classes);
        return (problem, ball == BallKind.Cvar ? Math.Clamp(problem.Eta / problem.Risk.Length, 1e-9, 1) : problem.Eta);
    }
}
