using Codat.Native.Autograd;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>The update rules of other methods against an independent script on recorded numbers.</summary>
[Category("Golden")]
internal sealed class GoldenRivalTests
{
    private const int Classes = 10;

    /// <summary>The script finds its weights by bisection.</summary>
    private const double Tolerance = 1e-10;

    private static readonly GoldenFile s_file = GoldenFile.Open("rivals");

    [TestCase(BallKind.Kl, "kl")]
    [TestCase(BallKind.ReverseKl, "reverse-kl")]
    [TestCase(BallKind.Cvar, "cvar")]
    public void Balls_Weights_AreTheRecordedOnes(BallKind ball, string name)
    {
        foreach (var eta in new[] { 0.05, 0.3, 0.8 })
        {
            var weights = new double[Classes];

            BallWeights.Solve(ball, s_file.Doubles("balls/risk"), s_file.Doubles("balls/prior"), eta, weights);

            GoldenCheck.Close(weights, s_file.Doubles(FormattableString.Invariant($"balls/{name}/{eta}")), Tolerance, $"{eta}");
        }
    }

    [Test]
    public void GroupDro_WeightsOfEveryStep_AreTheRecordedOnes()
    {
        using var step = new WeightBench(Classes, ClassWeightKind.GroupDro, 0, "rate=0.7");
        var (risks, there, expected) = (s_file.Doubles("group-dro/risk"), s_file.Longs("group-dro/there"), s_file.Doubles("group-dro/q"));

        for (var t = 0; t < expected.Length / Classes; t++)
        {
            var table = new double[3 * Classes];
            for (var k = 0; k < Classes; k++)
            {
                // Two samples with the recorded mean.
                if (there[t * Classes + k] == 0) continue;
                (table[k], table[2 * Classes + k]) = (2 * risks[t * Classes + k], 2);
            }
            step.Run(table);

            GoldenCheck.Close(step.Weights, expected.AsSpan(t * Classes, Classes), 1e-13, $"step {t}");
            Assert.That(step.Status, Is.Zero);
        }
    }

    [Test]
    public void Wat_FactorsOfEveryEpoch_AreTheRecordedWeights()
    {
        using var bench = new WeightBench(Classes, ClassWeightKind.Wat, 0);
        var (losses, expected) = (s_file.Doubles("wat/loss"), s_file.Doubles("wat/weight"));
        Assert.That(bench.Method.State[1].ToArray<double>(), Has.All.EqualTo(2.0), "first epoch: all weights are 1");

        for (var t = 0; t < losses.Length / Classes; t++)
        {
            bench.Method.EndEpoch(new EpochClasses(t + 1, 100, [], [], losses[(t * Classes)..((t + 1) * Classes)]));

            var weights = expected[(t * (Classes + 1))..((t + 1) * (Classes + 1))];
            var factors = weights[..^1].Select(w => w + weights[^1]).ToArray();
            GoldenCheck.Close(bench.Method.State[1].ToArray<double>(), factors, 1e-13, $"epoch {t}");
        }
    }

    [Test]
    public void Wat_Step_IsTheMeanOverSamplesByFactor()
    {
        using var bench = new WeightBench(Classes, ClassWeightKind.Wat, 0, "rate=0.5");
        bench.Method.EndEpoch(new EpochClasses(1, 100, [], [], s_file.Doubles("wat/loss")[..Classes]));
        var factors = bench.Method.State[1].ToArray<double>();
        // Class 3 is absent, the others have one or two samples.
        int[] counts = [.. Enumerable.Range(0, Classes).Select(k => k == 3 ? 0 : 1 + k % 2)];
        double[] means = [.. Enumerable.Range(0, Classes).Select(k => 0.5 + 0.2 * k)];

        bench.Run([.. counts.Zip(means, (n, m) => n * m), .. counts.Zip(means, (n, m) => n * m * m), .. counts.Select(n => (double)n)]);

        var expected = Enumerable.Range(0, Classes).Sum(k => factors[k] * counts[k] * means[k]) / counts.Sum();
        Assert.That(bench.Loss, Is.EqualTo(expected).Within(1e-13));
        Assert.That(bench.Weights, Is.EqualTo(factors.Select(f => f / factors.Sum())).Within(1e-15));
    }

    [Test]
    public void Frl_WeightsOfEveryEpoch_AreTheRecordedOnes()
    {
        using var bench = new WeightBench(Classes, ClassWeightKind.Frl, 0, "margin-rate=0.2");
        var margins = s_file.Doubles("frl/margin");
        var (natural, boundary, expected) = (s_file.Doubles("frl/natural"), s_file.Doubles("frl/boundary"), s_file.Doubles("frl/weight"));
        Assert.That(bench.Method.State[1].ToArray<double>(), Has.All.EqualTo(1.0 / Classes));

        for (var t = 0; t < natural.Length / Classes; t++)
        {
            var clean = natural[(t * Classes)..((t + 1) * Classes)].Select(error => 1 - error).ToArray();
            var robust = clean.Zip(boundary[(t * Classes)..((t + 1) * Classes)], (c, b) => c - b).ToArray();

            bench.Method.EndEpoch(new EpochClasses(t + 1, 100, clean, robust, []));

            GoldenCheck.Close(bench.Method.State[1].ToArray<double>(),
                expected.AsSpan(t * 2 * Classes, 2 * Classes), 1e-13, $"epoch {t}");
            var own = margins[(t * Classes)..((t + 1) * Classes)];
            GoldenCheck.Close(bench.Method.Budget!.ToArray<double>(),
                [.. own, .. Enumerable.Repeat(own.Max(), Classes)], 1e-13, $"radii and steps of epoch {t}");
        }
    }

    [Test]
    public void Frl_SameErrorsForManyEpochs_MultipliersReachTheLimitAndTheStepHalves()
    {
        using var bench = new WeightBench(Classes, ClassWeightKind.Frl, 0, "halve=2,tau=0");
        double[] clean = [.. Enumerable.Range(0, Classes).Select(k => k == 4 ? 0.1 : 0.9)], robust = [.. clean.Select(c => c / 2)];
        var sums = new List<double>();

        for (var epoch = 1; epoch <= 8; epoch++)
        {
            bench.Method.EndEpoch(new EpochClasses(epoch, 100, clean, robust, []));
            sums.Add(bench.Method.State[0].ToArray<double>()[..Classes].Sum());
        }

        // Class 4 alone is above the mean, by 0.72: 0.05 of it twice, then half of that twice, ...
        Assert.That(sums, Is.EqualTo(new[] { 0.036, 0.072, 0.09, 0.108, 0.117, 0.126, 0.1305, 0.135 }).Within(1e-12));
        using var quick = new WeightBench(Classes, ClassWeightKind.Frl, 0, "rate=10,limit=0.3");
        quick.Method.EndEpoch(new EpochClasses(1, 100, clean, robust, []));
        Assert.That(quick.Method.State[0].ToArray<double>()[..Classes].Sum(), Is.EqualTo(0.3).Within(1e-13));
        Assert.That(quick.Method.State[1].ToArray<double>()[4], Is.EqualTo(0.1 + 0.3 - 0.03).Within(1e-13));
    }

    [Test]
    public void Mart_ValuesAndGradients_AreTheRecordedOnes([Values(DType.Float32, DType.Float64)] DType type)
    {
        const int Rows = 8;
        using var bench = new GraphBench(type: type);
        Node Logits(string name) => bench.Input(
            new Shape(Rows, Classes), Array.ConvertAll(GoldenValues.Affine(name, Rows * Classes, 0, 3), v => (double)v));
        var (clean, far) = (Logits("rivals/clean"), Logits("rivals/far"));
        var labels = bench.Ints(GoldenValues.Labels(Rows, 7));

        var loss = MartLoss.Build(bench.Graph, clean, far, labels, 5, 0);
        var gradients = bench.Graph.Gradients(bench.Graph.Mean(loss), clean, far);
        var found = bench.Run(null, loss, gradients[0], gradients[1]);

        var tolerance = type == DType.Float64 ? 1e-12 : 1e-5;
        GoldenCheck.Close(found[0], s_file.Doubles("mart/value"), tolerance, "values");
        GoldenCheck.Close(found[1], s_file.Doubles("mart/clean"), tolerance, "gradient to the clean logits");
        GoldenCheck.Close(found[2], s_file.Doubles("mart/far"), tolerance, "gradient to the attacked logits");
    }

    [Test]
    public void Bat_ValuesAndGradients_AreTheRecordedOnes([Values(DType.Float32, DType.Float64)] DType type)
    {
        const int Rows = 8;
        using var bench = new GraphBench(type: type);
        Node Logits(string name) => bench.Input(
            new Shape(Rows, Classes), Array.ConvertAll(GoldenValues.Affine(name, Rows * Classes, 0, 3), v => (double)v));
        var (clean, near, far) = (Logits("rivals/clean"), Logits("rivals/near"), Logits("rivals/far"));

        var loss = BatLoss.Build(bench.Graph, clean, near, far, bench.Ints(GoldenValues.Labels(Rows, 7)), 5, 0);
        var found = bench.Run(null, [loss, .. bench.Graph.Gradients(bench.Graph.Mean(loss), clean, near, far)]);

        var tolerance = type == DType.Float64 ? 1e-12 : 1e-5;
        foreach (var (name, index) in new[] { "value", "clean", "near", "far" }.Select((name, i) => (name, i)))
            GoldenCheck.Close(found[index], s_file.Doubles($"bat/{name}"), tolerance, name);
    }

    [Test]
    public void Cfol_ChancesOfEveryStep_AreTheRecordedOnes()
    {
        using var step = new WeightBench(Classes, ClassWeightKind.Cfol, 0, "gamma=0.5,rate=0.02");
        var (labels, wrong, expected) = (s_file.Longs("cfol/labels"), s_file.Longs("cfol/wrong"), s_file.Doubles("cfol/p"));
        var batch = labels.Length * Classes / expected.Length;

        for (var t = 0; t < expected.Length / Classes; t++)
        {
            GoldenCheck.Close(((Cfol)step.Method).Shares(), expected.AsSpan(t * Classes, Classes), 1e-13, $"step {t}");
            // Logits that are right or wrong as recorded.
            var logits = new double[batch * Classes];
            for (var n = 0; n < batch; n++)
                logits[n * Classes + (int)((labels[t * batch + n] + wrong[t * batch + n]) % Classes)] = 1;
            step.Run(logits, [.. labels.Skip(t * batch).Take(batch).Select(l => (int)l)]);
        }
        Assert.That(expected.Max(), Is.GreaterThan(0.12), "the chances must have moved");
    }

    [Test]
    public void Dafa_Weights_AreTheRecordedOnes()
    {
        using var step = new WeightBench(Classes, ClassWeightKind.Dafa, 0);
        var confusion = s_file.Doubles("dafa/confusion");

        // A sample of each class whose softmax is its row.
        step.Run(Array.ConvertAll(confusion, Math.Log), [.. Enumerable.Range(0, Classes)]);
        step.Method.EndEpoch(new EpochClasses(70, 110, [], [], []));

        double[] expected = [.. s_file.Doubles("dafa/weight")];
        GoldenCheck.Close(step.Method.Budget!.ToArray<double>(), [.. expected, .. expected], 1e-13, "radii and steps");
        GoldenCheck.Close(step.Named("dafa-weights"), expected, 1e-13, "factors of the clean term");
    }

    [Test]
    public void Cfa_RadiiAndBalance_AreTheRecordedOnes()
    {
        using var step = new WeightBench(Classes, ClassWeightKind.Cfa, 0);
        step.Tensor("cfa-hits").CopyFrom<double>([.. s_file.Doubles("cfa/right"), .. Enumerable.Repeat(1.0, Classes)]);

        step.Method.EndEpoch(new EpochClasses(10, 200, [], [], []));

        var terms = step.Named("cfa-terms");
        GoldenCheck.Close(step.Method.Budget!.ToArray<double>().AsSpan(0, Classes), s_file.Doubles("cfa/margin"), 1e-14, "radii");
        GoldenCheck.Close([.. terms[Classes..].Select(t => 6 * t)], s_file.Doubles("cfa/balance"), 1e-14, "KL");
        GoldenCheck.Close([.. terms[..Classes].Select(t => 1 - t)], s_file.Doubles("cfa/balance"), 1e-14, "clean");
        Assert.That(step.Method.Budget!.ToArray<double>()[Classes..], Has.All.EqualTo(1.0), "steps");
    }

    [TestCase("paper", "counts=0")]
    [TestCase("code", "counts=1")]
    public void Faal_WeightsAndLoss_AreTheRecordedOnes(string name, string set)
    {
        using var step = new WeightBench(Classes, ClassWeightKind.Faal, 0.5, set);
        var labels = Array.ConvertAll(s_file.Longs("faal/labels"), l => (int)l);

        step.Run(s_file.Doubles("faal/logits"), labels);

        GoldenCheck.Close(step.Weights, s_file.Doubles($"faal/{name}/weight"), Tolerance, "weights");
        GoldenCheck.Close([step.Loss], s_file.Doubles($"faal/{name}/loss"), Tolerance, "loss");
    }
}
