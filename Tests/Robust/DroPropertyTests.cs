using Codat.Native.Robust;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Codat.Native.Tests;

internal sealed class DroPropertyTests
{
    [Test]
    public void Exact_GrowingRadius_ObjectiveGrowsAndSupportShrinks()
    {
        var random = new Random(21);
        for (var i = 0; i < 200; i++)
        {
            var problem = DroReference.Draw(random, 30);
            var weights = new double[problem.Risk.Length];
            var last = default(ChiSquareSolution);
            for (var step = 0; step <= 60; step++)
            {
                var eta = problem.Risk.Length * step * step / 2000.0;

                var solution = ChiSquareWeights.Exact(problem.Risk, problem.Prior, new ChiSquareBall(eta), weights);

                if (step > 0)
                {
                    Assert.That(solution.Excess, Is.GreaterThanOrEqualTo(last.Excess - 1e-14));
                    Assert.That(solution.Active, Is.LessThanOrEqualTo(last.Active));
                }

                last = solution;
            }
        }
    }

    [Test]
    public void Exact_ScaledByAPowerOfTwo_SameBits()
    {
        var random = new Random(22);
        for (var i = 0; i < 300; i++)
        {
            var problem = DroReference.Draw(random, 30);
            var ball = new ChiSquareBall(problem.Eta);
            var weights = new double[problem.Risk.Length];
            var scaled = new double[problem.Risk.Length];

            var plain = ChiSquareWeights.Exact(problem.Risk, problem.Prior, ball, weights);
            var other = ChiSquareWeights.Exact(
                Array.ConvertAll(problem.Risk, h => Math.ScaleB(h, 37)), problem.Prior, ball, scaled);

            Assert.That(scaled, Is.EqualTo(weights));
            Assert.That(other.Objective, Is.EqualTo(Math.ScaleB(plain.Objective, 37)));
            Assert.That(other.Variance, Is.EqualTo(Math.ScaleB(plain.Variance, 74)));
        }
    }

    [Test]
    public void Exact_ShiftedRisks_SameWeights()
    {
        var random = new Random(23);
        for (var i = 0; i < 300; i++)
        {
            var problem = DroReference.Draw(random, 30);
            var ball = new ChiSquareBall(problem.Eta);
            var weights = new double[problem.Risk.Length];
            var shifted = new double[problem.Risk.Length];
            // On a grid of 2^-30 a shift by 1000 is exact, so nothing but the solver can move the weights.
            var risk = Array.ConvertAll(problem.Risk, h => Math.ScaleB(Math.Round(Math.ScaleB(h, 30)), -30));

            var plain = ChiSquareWeights.Exact(risk, problem.Prior, ball, weights);
            var other = ChiSquareWeights.Exact(Array.ConvertAll(risk, h => h + 1000), problem.Prior, ball, shifted);

            for (var k = 0; k < weights.Length; k++)
                Assert.That(shifted[k], Is.EqualTo(weights[k]).Within(4e-15), $"case {i}");
            Assert.That(other.Excess, Is.EqualTo(plain.Excess).Within(1e-14));
        }
    }

    [Test]
    public void Exact_PermutedClasses_PermutedWeights()
    {
        var random = new Random(24);
        for (var i = 0; i < 300; i++)
        {
            var problem = DroReference.Draw(random, 30);
            var ball = new ChiSquareBall(problem.Eta);
            var order = Enumerable.Range(0, problem.Risk.Length).ToArray();
            random.Shuffle(order);
            var weights = new double[order.Length];
            var permuted = new double[order.Length];

            ChiSquareWeights.Exact(problem.Risk, problem.Prior, ball, weights);
            ChiSquareWeights.Exact(Array.ConvertAll(order, k => problem.Risk[k]),
                Array.ConvertAll(order, k => problem.Prior[k]), ball, permuted);

            for (var k = 0; k < order.Length; k++)
                Assert.That(permuted[k], Is.EqualTo(weights[order[k]]).Within(4e-15), $"case {i}");
        }
    }

    [Test]
    public void Solvers_ObjectiveGradient_IsTheWeights()
    {
        var random = new Random(25);
        for (var i = 0; i < 100; i++)
        {
            var k = random.Next(2, 12);
            var prior = new double[k];
            var risk = new double[k];
            for (var j = 0; j < k; j++)
            {
                prior[j] = 0.1 + random.NextDouble();
                risk[j] = 2 * random.NextDouble();
            }

            DroReference.Normalise(prior);
            var ball = new ChiSquareBall(0.05 + 0.6 * (k - 1) * random.NextDouble());
            var exact = new double[k];
            var published = new double[k];
            var scratch = new double[k];
            ChiSquareWeights.Exact(risk, prior, ball, exact);
            ChiSquareWeights.Published(risk, prior, ball, published);

            for (var j = 0; j < k; j++)
            {
                const double Step = 1e-6;
                var up = (double[])risk.Clone();
                var down = (double[])risk.Clone();
                up[j] += Step;
                down[j] -= Step;
                var exactSlope = (ChiSquareWeights.Exact(up, prior, ball, scratch).Objective
                    - ChiSquareWeights.Exact(down, prior, ball, scratch).Objective) / (2 * Step);
                var publishedSlope = (ChiSquareWeights.Published(up, prior, ball, scratch).Objective
                    - ChiSquareWeights.Published(down, prior, ball, scratch).Objective) / (2 * Step);

                Assert.That(exactSlope, Is.EqualTo(exact[j]).Within(2e-6), $"case {i}: exact, class {j}");
                Assert.That(publishedSlope, Is.EqualTo(published[j]).Within(1e-7), $"case {i}: published, class {j}");
            }
        }
    }

    [Test]
    public void Published_AnyRisks_LieOnTheSphereAndMeetTheClosedForm()
    {
        var random = new Random(26);
        for (var i = 0; i < 500; i++)
        {
            var problem = DroReference.Draw(random, 30);
            if (problem.Risk.Max() == problem.Risk.Min()) continue;
            var weights = new double[problem.Risk.Length];

            var solution = ChiSquareWeights.Published(
                problem.Risk, problem.Prior, new ChiSquareBall(problem.Eta), weights);

            var mean = DroReference.Dot(problem.Prior, problem.Risk);
            var variance = problem.Prior.Zip(problem.Risk, (p, h) => p * (h - mean) * (h - mean)).Sum();
            var objective = mean + Math.Sqrt(problem.Eta * variance);
            Assert.That(weights.Sum(), Is.EqualTo(1).Within(1e-12));
            Assert.That(DroReference.Divergence(weights, problem.Prior),
                Is.EqualTo(problem.Eta).Within(1e-9 * problem.Eta + 1e-14));
            Assert.That(solution.Objective, Is.EqualTo(objective).Within(1e-10));
            Assert.That(DroReference.Dot(weights, problem.Risk), Is.EqualTo(objective).Within(1e-10));
            Assert.That(solution.Negative, Is.EqualTo(weights.Count(w => w < 0)));
            Assert.That(solution.MinWeight, Is.EqualTo(weights.Min()));
        }
    }

    [Test]
    public void Published_RadiusUpToOneOverKMinusOne_NeverNegative()
    {
        var random = new Random(27);
        for (var i = 0; i < 500; i++)
        {
            var k = random.Next(2, 40);
            var risk = new double[k];
            for (var j = 0; j < k; j++) risk[j] = i % 2 == 0 ? random.NextDouble() : j == 0 ? 0 : 1;
            var weights = new double[k];

            var ball = new ChiSquareBall(ChiSquareBall.NonNegativeRadius(k) * (1 - 1e-12));
            var inside = ChiSquareWeights.Published(risk, default, ball, weights);

            Assert.That(inside.Negative, Is.Zero);
            // One easy class among equal others is where the bound is tight.
            if (i % 2 == 0) continue;
            ball = new ChiSquareBall(ChiSquareBall.NonNegativeRadius(k) * (1 + 1e-9));
            Assert.That(ChiSquareWeights.Published(risk, default, ball, weights).Negative, Is.EqualTo(1));
        }
    }

    [Test]
    public void Exact_AnyIntegerRisks_StayInTheBallAndTheSimplex()
    {
        var property = Prop.ForAll<int[], byte>((risks, radius) =>
        {
            if (risks.Length == 0) return true;
            var risk = Array.ConvertAll(risks, r => (double)r);
            var eta = radius / 32.0;
            var weights = new double[risk.Length];
            var uniform = Enumerable.Repeat(1.0 / risk.Length, risk.Length).ToArray();

            var solution = ChiSquareWeights.Exact(risk, default, new ChiSquareBall(eta), weights);

            return solution.Status == DroStatus.Ok
                && weights.Min() >= 0
                && Math.Abs(weights.Sum() - 1) < 1e-13
                && DroReference.Divergence(weights, uniform) <= eta + 1e-12
                && weights.Max() <= new ChiSquareBall(eta).LargestMultiple(risk.Length) / risk.Length + 1e-13
                && ChiSquareBall.EffectiveClasses(weights)
                    >= new ChiSquareBall(eta).SmallestEffectiveClasses(risk.Length) - 1e-11;
        });

        property.Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(20260101, 5));
    }

    [Test]
    public void Ball_HumanUnits_MatchThePaperForTenClasses()
    {
        double[] radii = [0.1, 0.3, 0.8, 2.0];

        var multiples = Array.ConvertAll(radii, eta => Math.Round(new ChiSquareBall(eta).LargestMultiple(10), 2));

        Assert.That(multiples, Is.EqualTo(new[] { 1.95, 2.64, 3.68, 5.24 }));
        Assert.That(ChiSquareBall.PointMassRadius(10), Is.EqualTo(9));
        Assert.That(new ChiSquareBall(9).LargestMultiple(10), Is.EqualTo(10));
        Assert.That(new ChiSquareBall(1).SmallestEffectiveClasses(10), Is.EqualTo(5));
        Assert.That(ChiSquareBall.EffectiveClasses([0.5, 0.5, 0]), Is.EqualTo(2));
    }
}
