using Codat.Native.Autograd;
using Codat.Native.Layers;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Losses on logits, and TRADES through whole networks, against PyTorch.</summary>
[Category("Golden")]
internal sealed class GoldenLossTests
{
    private const int Rows = 6;
    private const int Classes = 10;
    private const double Beta = 6;
    private const double SingleTolerance = 1e-5;

    private static readonly GoldenFile s_file = GoldenFile.Open("losses");

    [Test]
    public void SoftmaxCrossEntropy_ValueAndGradient_AreTheRecordedOnes(
        [Values("logits", "large")] string name, [Values(DType.Float32, DType.Float64)] DType type) =>
        CheckOnLogits(type, $"ce/{name}", name, name == "large" ? 120 : 3,
            (graph, logits, labels) => graph.SoftmaxCrossEntropy(logits, labels));

    [Test]
    public void SoftmaxCrossEntropy_WithSmoothing_IsTheRecordedOne([Values(DType.Float32, DType.Float64)] DType type) =>
        CheckOnLogits(type, "smoothed", "logits", 3,
            (graph, logits, labels) => graph.SoftmaxCrossEntropy(logits, labels, smoothing: 0.1));

    [Test]
    public void Margin_ValueAndGradient_AreTheRecordedOnes([Values(DType.Float32, DType.Float64)] DType type) =>
        CheckOnLogits(type, "margin", "logits", 3, (graph, logits, labels) => graph.Margin(logits, labels));

    [Test]
    public void KlDivergence_ValueAndBothGradients_AreTheRecordedOnes([Values(DType.Float32, DType.Float64)] DType type)
    {
        using var runner = new GraphRunner(type);
        var (natural, adversarial) = (PutLogits(runner, "natural", 3), PutLogits(runner, "adversarial", 3));

        var results = runner.Run(graph =>
        {
            var (p, q) = (graph.Bind(natural), graph.Bind(adversarial));
            var kl = graph.KlDivergence(p, q);
            return [kl, .. graph.Gradients(graph.Mean(kl), p, q)];
        });

        GoldenCheck.Close(results[0], s_file.Doubles("kl/value"), Tolerance(type), "value");
        GoldenCheck.Close(results[1], s_file.Doubles("kl/natural"), Tolerance(type), "natural");
        GoldenCheck.Close(results[2], s_file.Doubles("kl/adversarial"), Tolerance(type), "adversarial");
    }

    [Test]
    public void Trades_LossAndParameterGradients_AreTheRecordedOnes(
        [Values("small-cnn", "wrn-10-1")] string model, [Values(DType.Float32, DType.Float64)] DType type)
    {
        using var runner = TradesRunner(model, type);
        var (clean, neighbour, labels) = PutTrades(runner);

        var (loss, gradients) = runner.ParameterGradients(graph =>
        {
            var natural = runner.Forward(graph, clean, ForwardMode.Train);
            var adversarial = runner.Forward(graph, neighbour, ForwardMode.Train);
            return graph.Add(graph.Mean(graph.SoftmaxCrossEntropy(natural, graph.Bind(labels))),
                graph.Scale(graph.Mean(graph.KlDivergence(natural, adversarial)), Beta));
        });

        var isDouble = type == DType.Float64;
        GoldenCheck.EachClose([loss], s_file.Doubles($"trades/{model}/loss"), isDouble ? 1e-10 : 1e-4, "loss");
        runner.CheckParameters(
            gradients, s_file, s_file.Parameters(model), $"trades/{model}/gradient", isDouble);
    }

    [Test]
    public void Trades_AttackGradient_IsTheRecordedOne(
        [Values("small-cnn", "wrn-10-1")] string model, [Values(DType.Float32, DType.Float64)] DType type)
    {
        using var runner = TradesRunner(model, type);
        var (clean, neighbour, _) = PutTrades(runner);

        var results = runner.Graph.Run(graph =>
        {
            var natural = runner.Forward(graph, clean, ForwardMode.Eval);
            var kl = graph.Mean(graph.KlDivergence(natural, runner.Forward(graph, neighbour, ForwardMode.Eval)));
            return [kl, .. graph.Gradients(kl, graph.Bind(neighbour))];
        });

        var isDouble = type == DType.Float64;
        var key = $"trades/{model}/attack";
        var gradient = TorchOrder.ToTorch(clean.Shape, results[1]);
        var expected = s_file.Doubles($"{key}/sample");
        var norms = new double[clean.Shape[0]];
        var run = gradient.Length / norms.Length;
        for (var n = 0; n < norms.Length; n++) norms[n] = NetworkRunner.Norm(gradient.AsSpan(n * run, run));
        GoldenCheck.EachClose(results[0], s_file.Doubles($"{key}/kl"), isDouble ? 1e-10 : 1e-4, "value");
        GoldenCheck.EachClose(norms, s_file.Doubles($"{key}/norm"),
            isDouble ? 1e-9 : GoldenCheck.GradientNormTolerance, "norms");
        GoldenCheck.MostlyClose(GoldenValues.Sample(gradient, expected.Length), expected,
            isDouble ? GoldenCheck.DoubleTolerance : GoldenCheck.GradientTolerance,
            isDouble ? 1 : GoldenCheck.GradientShare, "sample");
    }

    private static void CheckOnLogits(
        DType type, string key, string stream, double scale, Func<GraphBuilder, Node, Node, Node> loss)
    {
        using var runner = new GraphRunner(type);
        var (logits, labels) = (PutLogits(runner, stream, scale), runner.PutIntegers(GoldenValues.Labels(Rows)));

        var results = runner.Run(graph =>
        {
            var z = graph.Bind(logits);
            var each = loss(graph, z, graph.Bind(labels));
            return [each, .. graph.Gradients(graph.Mean(each), z)];
        });

        GoldenCheck.Close(results[0], s_file.Doubles($"{key}/value"), Tolerance(type), "value");
        GoldenCheck.Close(results[1], s_file.Doubles($"{key}/gradient"), Tolerance(type), "gradient");
    }

    private static Tensor PutLogits(GraphRunner runner, string stream, double scale) =>
        runner.Put(new Shape(Rows, Classes),
            GoldenValues.Widen(GoldenValues.Affine(stream, Rows * Classes, 0, scale)), stream);

    private static NetworkRunner TradesRunner(string model, DType type) => model == "small-cnn"
        ? NetworkRunner.For(model, 1, 28, type)
        : NetworkRunner.For(model, 3, 32, type);

    /// <summary>Eight images, their fixed neighbours (each channel shifted, then clipped) and their labels.</summary>
    private static (Tensor Clean, Tensor Neighbour, Tensor Labels) PutTrades(NetworkRunner runner)
    {
        const int Count = 8;
        var spec = runner.Network.Spec;
        var clean = runner.PutImages(GoldenValues.Images(Count, spec.Channels, spec.Height, spec.Width));
        var shift = GoldenValues.Affine("adv", Count * spec.Channels, 0, 0.3);
        var values = GraphRunner.Read(clean);
        for (var i = 0; i < values.Length; i++)
        {
            var (n, c) = (i / (spec.Height * spec.Width * spec.Channels), i % spec.Channels);
            values[i] = Math.Clamp(values[i] + shift[n * spec.Channels + c], 0, 1);
        }

        var neighbour = runner.Graph.Put(clean.Shape, values, "neighbour");
        return (clean, neighbour, runner.Graph.PutIntegers(GoldenValues.Labels(Count)));
    }

    private static double Tolerance(DType type) =>
        type == DType.Float64 ? GoldenCheck.DoubleTolerance : SingleTolerance;
}
