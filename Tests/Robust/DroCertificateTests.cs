using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class DroCertificateTests
{
    private static readonly double[] s_risk = [0.2, 1.1, 0.6, 1.9];
    private static readonly double[] s_prior = [0.4, 0.1, 0.3, 0.2];

    [Test]
    public void Compute_PriorAsWeights_GapIsTheMissedObjective([Values(0.01, 0.3, 1.4, 3.9, 20)] double eta)
    {
        var exact = new double[4];
        var best = ChiSquareWeights.Exact(s_risk, s_prior, new ChiSquareBall(eta), exact);

        var certificate = DroCertificate.Compute(s_risk, s_prior, new ChiSquareBall(eta), s_prior);

        Assert.That(certificate.Gap, Is.EqualTo(best.Excess).Within(1e-14));
        Assert.That(certificate.Radius, Is.Zero);
        Assert.That(certificate.Kkt, Is.GreaterThan(1e-3));
    }

    [Test]
    public void Compute_NegativePublishedWeights_GapIsMinusTheOverstatement()
    {
        var ball = new ChiSquareBall(3);
        var weights = new double[4];
        var scratch = new double[4];
        var published = ChiSquareWeights.Published(s_risk, s_prior, ball, weights);
        var exact = ChiSquareWeights.Exact(s_risk, s_prior, ball, scratch);

        var certificate = DroCertificate.Compute(s_risk, s_prior, ball, weights);
        var audit = PublishedAudit.Compare(published, exact);

        Assert.That(audit.IsNegative);
        Assert.That(audit.ObjectiveGap, Is.GreaterThan(0.01));
        Assert.That(certificate.Gap, Is.EqualTo(-audit.ObjectiveGap).Within(1e-14));
        Assert.That(certificate.Kkt, Is.GreaterThanOrEqualTo(-published.MinWeight));
        Assert.That(certificate.Active, Is.EqualTo(4 - published.Negative));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void Compute_OneWeightNudged_IsSeen(int nudged)
    {
        var ball = new ChiSquareBall(0.7);
        var weights = new double[4];
        ChiSquareWeights.Exact(s_risk, s_prior, ball, weights);
        weights[nudged] += 1e-9;

        var certificate = DroCertificate.Compute(s_risk, s_prior, ball, weights);

        Assert.That(certificate.Kkt, Is.InRange(9e-10, 1e-7));
    }

    [Test]
    public void Compute_ExactWeightsOfASmallerBall_GapAndSlackAreSeen()
    {
        var weights = new double[4];
        var inner = ChiSquareWeights.Exact(s_risk, s_prior, new ChiSquareBall(0.5), weights);
        var outer = ChiSquareWeights.Exact(s_risk, s_prior, new ChiSquareBall(0.7), new double[4]);

        var certificate = DroCertificate.Compute(s_risk, s_prior, new ChiSquareBall(0.7), weights);

        Assert.That(certificate.Radius, Is.EqualTo(0.5).Within(1e-15));
        Assert.That(certificate.Gap, Is.EqualTo(outer.Excess - inner.Excess).Within(1e-15));
        Assert.That(certificate.Kkt, Is.GreaterThan(1e-2));
    }

    [Test]
    public void Compute_ExactWeights_MultipliersReproduceThem()
    {
        var weights = new double[4];
        var ball = new ChiSquareBall(1.4);
        ChiSquareWeights.Exact(s_risk, s_prior, ball, weights);

        var certificate = DroCertificate.Compute(s_risk, s_prior, ball, weights);

        for (var k = 0; k < 4; k++)
        {
            var expected = s_prior[k] * Math.Max(0, s_risk[k] - certificate.Nu) / (2 * certificate.Lambda);
            Assert.That(weights[k], Is.EqualTo(expected).Within(1e-14));
        }
    }

    [Test]
    public void Compute_GapIsABoundOnEveryFeasiblePoint()
    {
        var random = new Random(31);
        for (var i = 0; i < 500; i++)
        {
            var problem = DroReference.Draw(random, 20);
            var ball = new ChiSquareBall(problem.Eta);
            var weights = DroReference.Feasible(random, problem.Prior, problem.Eta);
            var best = ChiSquareWeights.Exact(problem.Risk, problem.Prior, ball, new double[weights.Length]);

            var certificate = DroCertificate.Compute(problem.Risk, problem.Prior, ball, weights);

            var missed = best.Objective - DroReference.Dot(weights, problem.Risk);
            Assert.That(certificate.Gap, Is.EqualTo(missed).Within(1e-12), $"case {i}");
            Assert.That(certificate.Gap, Is.GreaterThanOrEqualTo(-1e-13));
        }
    }

    [Test]
    public void Compute_NotANumberWeight_ReachesTheResidual()
    {
        var certificate = DroCertificate.Compute(s_risk, s_prior, new ChiSquareBall(1), [0.5, double.NaN, 0.5, 0]);

        Assert.That(certificate.Kkt, Is.NaN);
        Assert.That(certificate.Gap, Is.NaN);
    }

    [Test]
    public void Compute_WeightOnAnAbsentClass_IsSeen()
    {
        var certificate = DroCertificate.Compute(s_risk, s_prior, new ChiSquareBall(0), s_prior, [1, 1, 1, 0]);

        Assert.That(certificate.Kkt, Is.GreaterThanOrEqualTo(0.2));
    }
}
