using Codat.Native.Autograd;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>A whole small network: convolution, batch norm, activation, pool, linear layer, cross-entropy.</summary>
internal sealed class NetworkGradientTests
{
    [Test]
    public void Gradients_OfANetwork_MatchCentralDifferences([Values] bool batchStatistics, [Values] bool silu, [Values] bool residual)
    {
        using var bench = new GraphBench();
        var g = bench.Graph;
        var x = bench.Input(new Shape(3, 4, 4, 2), 1);
        var (w1, w2) = (bench.Input(new Shape(4, 3, 3, 2), 2, 0.4), bench.Input(new Shape(4, 3, 3, 4), 3, 0.3));
        var (gamma, beta) = (bench.Input(new Shape(4), TestValues.Uniform(4, 4, 0.5, 1.5)), bench.Input(new Shape(4), 5));
        var (w, bias) = (bench.Input(new Shape(5, 4), 6), bench.Input(new Shape(5), 7));

        var y1 = Act(Normalise(g.Conv2d(x, w1, padding: 1)));
        var y2 = Normalise(g.Conv2d(y1, w2, padding: 1));
        var y3 = g.MaxPool2d(Act(residual ? g.Add(y2, y1) : y2), 2);
        var loss = g.SoftmaxCrossEntropy(g.Linear(g.GlobalAvgPool(y3), w, bias), bench.Ints(4, 0, 2), 0.1);

        GradientCheck.Run(bench, loss, x, w1, w2, gamma, beta, w, bias);

        Node Act(Node v) => silu ? g.Silu(v) : g.Relu(v);

        Node Normalise(Node v) => batchStatistics
            ? g.BatchNorm(v, g.BatchMoments(v), gamma, beta)
            : g.BatchNormEval(v, bench.Input(new Shape(2, 4), [0.1, -0.2, 0.3, 0, 1.2, 0.7, 0.9, 2]), gamma, beta);
    }
}
