using Codat.Native.Autograd;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Rules for the radius, each against what it promises, computed in another way.</summary>
internal sealed class RadiusRuleTests
{
    [Test]
    public void Effective_AnyPriorAndRisks_KeepsKishsShareOfTheSamples([Values(0.2, 0.5, 0.75, 0.99, 1)] double share)
    {
        var radius = new EffectiveShare(Numbers(EtaRule.Effective, $"share={share}")).Begin;
        var random = new Random(7);
        for (var problem = 0; problem < 200; problem++)
        {
            // A prior by frequency, so that a sample weighs its class's weight over its class's samples.
            var counts = Enumerable.Range(0, 2 + problem % 9).Select(_ => random.Next(1, 50)).ToArray();
            double[] prior = [.. counts.Select(n => n / (double)counts.Sum())];
            double[] risks = [.. counts.Select(_ => 3 * random.NextDouble())];
            var (exact, published) = (new double[counts.Length], new double[counts.Length]);
            ChiSquareWeights.Exact(risks, prior, new ChiSquareBall(radius), exact);
            ChiSquareWeights.Published(risks, prior, new ChiSquareBall(radius), published);

            Assert.That(KishShare(exact, counts), Is.GreaterThan(share - 1e-12));
            Assert.That(KishShare(published, counts), Is.EqualTo(share).Within(1e-12), "on the boundary");
        }
    }

    [Test]
    public void Effective_Default_IsAThird()
    {
        var rule = new EffectiveShare(Numbers(EtaRule.Effective));

        Assert.That(rule.Begin, Is.EqualTo(1.0 / 3));
        Assert.That(rule.Next(rule.Begin, Accuracy(50, 1, 2)), Is.EqualTo(1.0 / 3));
    }

    [TestCase(0)]
    [TestCase(-0.1)]
    [TestCase(1.1)]
    public void RadiusOfShare_NoShare_IsRefused(double share) =>
        Assert.That(() => ChiSquareBall.RadiusOfShare(share), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [TestCase("delta=0.5,cap=100", "batch", 0.5, 1)]
    [TestCase("delta=0.2,cap=100", "ema:0.8", 0.2, 0.2 / 1.8)]
    public void Noise_OverAnEpoch_IsTheNaiveQuotient(string set, string risk, double delta, double kept)
    {
        var rule = new SamplingNoise(Numbers(EtaRule.Noise, set), RiskPolicy.Parse(risk, "risk"));
        double[] prior = [0.1, 0.4, 0.3, 0.2];
        using var weights = new WeightStep(prior);
        var (random, variance, noise) = (new Random(3), 0.0, 0.0);
        for (var step = 0; step < 6; step++)
        {
            var batch = Draw(random, [1, 5, 3, 4], [0.5, 2, 1, 1.2], 0.8);
            var (v, n) = Naive(batch, prior);
            (variance, noise) = (variance + v, noise + n);
            rule.Observe(weights.Run(batch));
        }

        var radius = rule.Next(0, null);

        Assert.That(radius, Is.EqualTo(delta * delta * (variance - noise) / (noise * kept)).Within(1e-12 * radius));
        Assert.That(rule.State, Has.All.Zero, "the next epoch begins anew");
    }

    [Test]
    public void Noise_ManySteps_LetsWeightsStrayByDelta([Values("batch", "ema:0.6")] string risk)
    {
        const double Delta = 0.25, Sigma = 0.7;
        const int Steps = 20_000;
        double[] prior = [0.1, 0.4, 0.3, 0.2], means = [2, 1, 1.4, 0.6];
        int[] counts = [3, 6, 4, 2];
        var policy = RiskPolicy.Parse(risk, "risk");
        var rule = new SamplingNoise(Numbers(EtaRule.Noise, $"delta={Delta},cap=100"), policy);
        using var weights = new WeightStep(prior);
        var (random, risks) = (new Random(5), new List<double[]>());
        for (var step = 0; step < Steps; step++)
        {
            var batch = Draw(random, counts, means, Sigma);
            rule.Observe(weights.Run(batch));
            double[] fresh = [.. batch.Select(losses => losses.Average())];
            risks.Add(policy.Decay is { } decay && risks.Count > 0
                ? [.. fresh.Zip(risks[^1], (now, before) => decay * before + (1 - decay) * now)] : fresh);
        }

        var eta = rule.Next(0, null);

        // What the published weights over the prior do from step to step at this radius and the true variance.
        var centre = prior.Zip(means, (p, m) => p * m).Sum();
        var slope = Math.Sqrt(eta / prior.Zip(means, (p, m) => p * (m - centre) * (m - centre)).Sum());
        var strayed = risks.Skip(50).Average(h =>
        {
            var mean = prior.Zip(h, (p, r) => p * r).Sum();
            return Enumerable.Range(0, prior.Length).Sum(k =>
                prior[k] * Math.Pow(slope * (h[k] - mean - (means[k] - centre)), 2));
        });
        Assert.That(Math.Sqrt(strayed), Is.EqualTo(Delta).Within(0.02 * Delta));
    }

    [TestCase(0.0, 1, 0, TestName = "Noise_ClassesThatDifferByChance_RadiusZero")]
    [TestCase(1e-9, 1, 0.2, TestName = "Noise_HardlyAny_RadiusIsTheCap")]
    public void Noise_Ends(double sigmaOrNone, double spread, double expected)
    {
        var rule = new SamplingNoise(Numbers(EtaRule.Noise, "cap=0.2"), RiskPolicy.Batch);
        using var weights = new WeightStep([0.5, 0.5]);
        // Two images a class, one mean apart from the other by much less or much more than the images.
        List<double>[] batch = sigmaOrNone == 0 ? [[0, 4], [0.1, 4.1]] : [[1, 1 + sigmaOrNone], [1 + spread, 1 + spread]];

        rule.Observe(weights.Run(batch));

        Assert.That(rule.Begin, Is.Zero);
        Assert.That(rule.Next(0, null), Is.EqualTo(expected));
    }

    [Test]
    public void Noise_OneImageAClass_TellsNothing()
    {
        using var weights = new WeightStep([0.5, 0.5]);
        var rule = new SamplingNoise(Numbers(EtaRule.Noise), RiskPolicy.Batch);

        rule.Observe(weights.Run([[1], [4]]));

        Assert.That(rule.State, Has.All.Zero);
        Assert.That(rule.Next(0, null), Is.Zero);
    }

    [Test]
    public void Noise_Observe_AllocatesNothing()
    {
        var rule = new SamplingNoise(Numbers(EtaRule.Noise), RiskPolicy.Batch);
        double[] numbers = [1, 1, 0.3, 0, 0, 0, 0.5, 0.1];
        rule.Observe(numbers);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 10; i++) rule.Observe(numbers);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Validation_Script_ClimbsStepsBackAndWaits()
    {
        // A hundred images a class; one standard error is about 2.9 points of the average, 4 to 5 of the worst class.
        var rule = new SafeLadder(Numbers(EtaRule.Validation, "wait=2"));
        Assert.That(rule.Begin, Is.EqualTo(0.05));

        Assert.That(rule.Next(0.05, Accuracy(100, 20, 60, 70)), Is.EqualTo(0.1), "nothing to fall from");
        Assert.That(rule.Next(0.1, Accuracy(100, 25, 60, 70)), Is.EqualTo(0.2), "better");
        Assert.That(rule.Next(0.2, Accuracy(100, 22, 60, 70)), Is.EqualTo(0.3), "within the margin");
        Assert.That(rule.Next(0.3, Accuracy(100, 17, 66, 74)), Is.EqualTo(0.2), "the worst class fell by five");
        Assert.That(rule.Next(0.2, Accuracy(100, 17, 66, 74)), Is.EqualTo(0.2), "0.3 is blocked");
        Assert.That(rule.Next(0.2, Accuracy(100, 17, 66, 74)), Is.EqualTo(0.3), "and tried again");
        Assert.That(rule.Next(0.3, Accuracy(100, 17, 60, 70)), Is.EqualTo(0.2), "the average fell by more than three");
        Assert.That(rule.Next(0.2, Accuracy(100, 17, 60, 70)), Is.EqualTo(0.1), "it still is below the best");
    }

    [Test]
    public void Validation_AnySequence_MovesOneRungAndStaysBelowTheCap()
    {
        double[] ladder = [0, 0.05, 0.1, 0.2, 0.3];
        var rule = new SafeLadder(Numbers(EtaRule.Validation, "cap=0.4,wait=1"));
        var (random, radius, seen) = (new Random(9), rule.Begin, new HashSet<double>());
        for (var epoch = 0; epoch < 300; epoch++)
        {
            var next = rule.Next(radius, Accuracy(50, random.Next(51), random.Next(51), random.Next(51)));

            Assert.That(Math.Abs(Array.IndexOf(ladder, next) - Array.IndexOf(ladder, radius)), Is.LessThanOrEqualTo(1));
            Assert.That(rule.IsPossible(next), Is.True);
            seen.Add(radius = next);
        }
        Assert.That(ladder, Is.SupersetOf(seen));
        Assert.That(seen, Has.Count.GreaterThan(2));
    }

    [Test]
    public void Validation_CapBelowTheFirstRung_StaysAtZero()
    {
        var rule = new SafeLadder(Numbers(EtaRule.Validation, "cap=0.01"));

        Assert.That(rule.Begin, Is.Zero);
        Assert.That(rule.Next(0, Accuracy(50, 10, 20)), Is.Zero);
    }

    private static MethodNumbers Numbers(EtaRule rule, string set = "none") =>
        MethodNumbers.Parse(set, "set").Over(EtaRuleSheet.Of(rule).Numbers);

    private static ClassAccuracy Accuracy(int images, params int[] right) => ClassAccuracy.Of(
        [.. right.Select((_, k) => $"{k}")], [.. right.Select(_ => (long)images)], [.. right.Select(r => (long)r)]);

    /// <summary>Kish: (sum w)^2 / sum w^2 over all samples, over their number.</summary>
    private static double KishShare(double[] weights, int[] counts)
    {
        var samples = weights.SelectMany((p, k) => Enumerable.Repeat(p / counts[k], counts[k])).ToArray();
        return Math.Pow(samples.Sum(), 2) / samples.Sum(w => w * w) / samples.Length;
    }

    private static List<double>[] Draw(Random random, int[] counts, double[] means, double sigma)
    {
        // The sum of three uniforms has variance 1/4.
        double Normal() => 2 * (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5);
        return [.. counts.Select((n, k) => Enumerable.Range(0, n).Select(_ => means[k] + sigma * Normal()).ToList())];
    }

    /// <summary>The variance of class means under the prior, and sum p (1 - p) s^2 / n with s^2 pooled.</summary>
    private static (double Variance, double Noise) Naive(List<double>[] batch, double[] prior)
    {
        double[] means = [.. batch.Select(losses => losses.Average())];
        var centre = means.Zip(prior, (m, p) => p * m).Sum();
        var pooled = batch.Select((losses, k) => losses.Sum(l => (l - means[k]) * (l - means[k]))).Sum()
            / batch.Sum(losses => losses.Count - 1);
        return (means.Zip(prior, (m, p) => p * (m - centre) * (m - centre)).Sum(),
            batch.Select((losses, k) => prior[k] * (1 - prior[k]) * pooled / losses.Count).Sum());
    }

    /// <summary>A compiled weight step of which only the numbers are read.</summary>
    private sealed class WeightStep : IDisposable
    {
        private readonly GraphBench _bench = new();
        private readonly Tensor _risks, _numbers;
        private readonly PlanProgram _program;

        public WeightStep(double[] prior)
        {
            var classes = prior.Length;
            var spec = new ClassWeightSpec { Kind = ClassWeightKind.Codat, MeasuresNoise = true };
            _risks = _bench.DoubleTensor(new Shape(3, classes), new double[3 * classes]);
            _numbers = _bench.DoubleTensor(new Shape(StepRecord.Scalars), new double[StepRecord.Scalars]);
            _bench.Graph.Apply(new ClassWeightOp(spec), _bench.Graph.Bind(_risks),
                _bench.Doubles(new Shape(classes), prior), _bench.Doubles(new Shape(1), [0.3]),
                _bench.Doubles(new Shape(StepRecord.Rows, classes), new double[StepRecord.Rows * classes]),
                _bench.Graph.Bind(_numbers), _bench.Graph.Bind(_bench.Status(0, count: 2)),
                _bench.Doubles(new Shape(2, classes), new double[2 * classes]));
            _program = _bench.Compile();
        }

        /// <summary>What the step records of a batch: losses by class.</summary>
        public double[] Run(List<double>[] batch)
        {
            _risks.CopyFrom<double>([
                .. batch.Select(l => l.Sum()), .. batch.Select(l => l.Sum(x => x * x)),
                .. batch.Select(l => (double)l.Count),
            ]);
            _program["main"].Run();
            return _numbers.ToArray<double>();
        }

        public void Dispose()
        {
            _program.Dispose();
            _bench.Dispose();
        }
    }
}
