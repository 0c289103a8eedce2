using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The evidence that comes with every step, against the one that searches for the best bound.</summary>
internal sealed class StepCertificateTests
{
    [Test]
    public void Compute_OfExactWeights_IsTheSearchedOne()
    {
        var random = new Random(7);
        for (var i = 0; i < 2000; i++)
        {
            var problem = DroReference.Draw(random, 20);
            var weights = new double[problem.Risk.Length];
            ChiSquareWeights.Exact(problem.Risk, problem.Prior, new ChiSquareBall(problem.Eta), weights);
            var searched = DroCertificate.Compute(problem.Risk, problem.Prior, new ChiSquareBall(problem.Eta), weights);

            var found = Of(problem.Risk, problem.Prior, problem.Eta, weights);

            var largest = problem.Risk.Max(Math.Abs);
            Assert.That(found.Radius, Is.EqualTo(searched.Radius).Within(1e-12 * (1 + searched.Radius)), $"case {i}");
            Assert.That(found.Active, Is.EqualTo(searched.Active), $"case {i}");
            Assert.That(found.Gap, Is.EqualTo(0).Within(1e-12 * largest), $"case {i}, eta {problem.Eta}");
        }
    }

    [Test]
    public void Compute_OfOtherFeasibleWeights_SeesThatTheyAreNotTheWorst()
    {
        var random = new Random(8);
        for (var i = 0; i < 500; i++)
        {
            var problem = DroReference.Draw(random, 20);
            var weights = DroReference.Feasible(random, problem.Prior, problem.Eta);
            var ball = new ChiSquareBall(problem.Eta);
            var best = ChiSquareWeights.Exact(problem.Risk, problem.Prior, ball, new double[weights.Length]);
            var missed = best.Objective - DroReference.Dot(weights, problem.Risk);

            // A bound from above: never less than what is missed.
            Assert.That(Of(problem.Risk, problem.Prior, problem.Eta, weights).Gap, Is.GreaterThanOrEqualTo(missed - 1e-12), $"case {i}");
        }
    }

    [TestCase(0.0)]
    [TestCase(0.1)]
    [TestCase(3.0)]
    [TestCase(50.0)]
    public void Compute_EqualRisksAndPointMass_HaveNoGap(double eta)
    {
        double[] prior = [0.25, 0.25, 0.25, 0.25];
        foreach (var risk in new double[][] { [2, 2, 2, 2], [1, 2, 3, 9], [5, 5, 1, 0] })
        {
            var weights = new double[4];
            ChiSquareWeights.Exact(risk, prior, new ChiSquareBall(eta), weights);

            var found = Of(risk, prior, eta, weights);

            Assert.That(found.Gap, Is.EqualTo(0).Within(1e-14));
            Assert.That(found.Radius, Is.LessThanOrEqualTo(eta + 1e-14));
            Assert.That(found.Active, Is.EqualTo(weights.Count(w => w > 0)));
        }
    }

    private static StepCertificate Of(double[] risk, double[] prior, double eta, double[] weights) =>
        StepCertificate.Compute(ClassView.Create(risk, prior, default), eta, weights);
}
