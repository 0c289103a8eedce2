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
