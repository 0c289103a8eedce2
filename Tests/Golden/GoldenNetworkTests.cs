using Codat.Native.Autograd;
using Codat.Native.Layers;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Every network against PyTorch: logits, running statistics, gradients.</summary>
[Category("Golden")]
internal sealed class GoldenNetworkTests
{
    private const double RunningTolerance = 1e-4;

    private static readonly GoldenFile s_file = GoldenFile.Open("networks");

    private static IEnumerable<TestCaseData> Cases()
    {
        foreach (var name in new[] { "small-cnn", "small-cnn-rgb", "medium-cnn", "medium-cnn-rgb", "mlp", "mlp-rgb",
            "resnet18", "preact-resnet18", "wrn-10-1", "wrn-10-2", "wrn-16-2" })
        {
            yield return new TestCaseData(name, DType.Float32);
            yield return new TestCaseData(name, DType.Float64);
        }

        yield return new TestCaseData("wrn-28-10", DType.Float32).SetCategory("Slow");
        yield return new TestCaseData("wrn-34-10", DType.Float32).SetCategory("Slow");
        yield return new TestCaseData("wrn-28-10", DType.Float64).SetCategory("Slow");
    }

    [TestCaseSource(nameof(Cases))]
    public void Forward_RecordedWeights_GivesRecordedLogits(string name, DType type)
    {
        using var runner = Runner(name, type);
        var images = runner.PutImages(s_file.Images(name));

        var eval = runner.Logits(images, ForwardMode.Eval);
        var batch = runner.Logits(images, ForwardMode.BatchStats);
        var afterBatch = runner.Logits(images, ForwardMode.Eval);
        var train = runner.Logits(images, ForwardMode.Train);

        GoldenCheck.Close(eval, s_file.Doubles($"{name}/eval/logits"), LogitTolerance(type), "eval");
        GoldenCheck.Close(train, s_file.Doubles($"{name}/train/logits"), LogitTolerance(type), "train");
        Assert.That(batch, Is.EqualTo(train), "batch statistics");
        Assert.That(afterBatch, Is.EqualTo(eval), "nothing but train mode may move the statistics");
    }

    [TestCase("resnet18", DType.Float32)]
    [TestCase("resnet18", DType.Float64)]
    [TestCase("small-cnn-rgb", DType.Float32)]
    [TestCase("small-cnn-rgb", DType.Float64)]
    public void Forward_WithNormalisation_GivesRecordedLogits(string name, DType type)
    {
        var spec = new NetworkSpec(NetworkRunner.ModelOf(name), 32, 32, 3, 10)
        {
            Mean = [0.4914f, 0.4822f, 0.4465f], Std = [0.2470f, 0.2435f, 0.2616f],
        };
        using var runner = new NetworkRunner(spec, type);

        var logits = runner.Logits(runner.PutImages(s_file.Images(name)), ForwardMode.Eval);

        GoldenCheck.Close(logits, s_file.Doubles($"{name}/normalised/logits"), LogitTolerance(type), name);
    }

    [TestCase("resnet18", "bn1,layer1.0.bn1,layer2.0.shortcut.1,layer4.1.bn2")]
    [TestCase("preact-resnet18", "layer1.0.bn1,layer4.1.bn2,bn")]
    [TestCase("wrn-10-2", "block1.layer.0.bn1,block2.layer.0.bn2,bn1")]
    public void Forward_InTrainMode_MovesRunningStatisticsAsRecorded(string name, string norms)
    {
        foreach (var type in new[] { DType.Float32, DType.Float64 })
        {
            var tolerance = type == DType.Float64 ? GoldenCheck.DoubleTolerance : RunningTolerance;
            using var runner = Runner(name, type);

            runner.Logits(runner.PutImages(s_file.Images(name)), ForwardMode.Train);

            foreach (var norm in norms.Split(','))
            {
                foreach (var kind in new[] { "running_mean", "running_var" })
                {
                    var key = $"{name}/train/{norm}.{kind}";
                    var values = runner.Running($"{norm}.{kind}");
                    var head = s_file.Doubles($"{key}/head");
                    GoldenCheck.Close(values.AsSpan(0, head.Length), head, tolerance, $"{type} {key}");
                    GoldenCheck.EachClose(
                        [NetworkRunner.Norm(values)], s_file.Doubles($"{key}/norm"), tolerance, $"{type} {key}");
                }
            }
        }
    }

    [Test]
    public void Gradients_WithRespectToImages_AreTheRecordedOnes(
        [Values("small-cnn", "medium-cnn", "mlp", "resnet18", "preact-resnet18", "wrn-10-2")] string name,
        [Values(DType.Float32, DType.Float64)] DType type)
    {
        using var runner = Runner(name, type);
        var images = runner.PutImages(s_file.Images(name));
        var labels = runner.Graph.PutIntegers(s_file.Labels(name));

        var results = runner.Graph.Run(graph =>
        {
            var losses = graph.SoftmaxCrossEntropy(
                runner.Forward(graph, images, ForwardMode.Eval), graph.Bind(labels));
            return [losses, .. graph.Gradients(graph.Mean(losses), graph.Bind(images))];
        });

        var gradient = TorchOrder.ToTorch(images.Shape, results[1]);
        var (norms, run) = (new double[images.Shape[0]], gradient.Length / images.Shape[0]);
        for (var n = 0; n < norms.Length; n++) norms[n] = NetworkRunner.Norm(gradient.AsSpan(n * run, run));
        var expected = s_file.Doubles($"{name}/eval/input/sample");
        var sample = GoldenValues.Sample(gradient, expected.Length);
        if (type == DType.Float64)
        {
            GoldenCheck.Close(results[0], s_file.Doubles($"{name}/eval/loss"), GoldenCheck.DoubleTolerance, "loss");
            GoldenCheck.Close(sample, expected, GoldenCheck.DoubleTolerance, "sample");
            GoldenCheck.EachClose(norms, s_file.Doubles($"{name}/eval/input/norm"), 1e-9, "norm");
            return;
        }

        GoldenCheck.EachClose(results[0], s_file.Doubles($"{name}/eval/loss"), RunningTolerance, "loss");
        // Other rounding may put a unit on the other side of its ReLU: that moves one image by some per cent, no other.
        var (largest, worst) = (expected.Max(Math.Abs), new double[norms.Length]);
        var indices = GoldenValues.SampleIndices(expected.Length, gradient.Length);
        for (var i = 0; i < indices.Length; i++)
            worst[indices[i] / run] = Math.Max(worst[indices[i] / run], Math.Abs(sample[i] - expected[i]) / largest);
        var close = worst.Count(w => w <= GoldenCheck.GradientTolerance);
        Assert.That(close, Is.GreaterThanOrEqualTo(norms.Length - 1), "images without a flip");
        Assert.That(worst, Is.All.LessThanOrEqualTo(0.1), "an image with a flip");
        GoldenCheck.EachClose(
            norms, s_file.Doubles($"{name}/eval/input/norm"), GoldenCheck.GradientNormTolerance, "norm");
    }

    [Test]
    public void Gradients_WithRespectToParameters_AreTheRecordedOnes(
        [Values("small-cnn", "medium-cnn", "mlp", "resnet18", "preact-resnet18", "wrn-10-2")] string name,
        [Values(DType.Float32, DType.Float64)] DType type)
    {
        using var runner = Runner(name, type);
        var images = runner.PutImages(s_file.Images(name));
        var labels = runner.Graph.PutIntegers(s_file.Labels(name));

        var (_, gradients) = runner.ParameterGradients(graph => graph.Mean(graph.SoftmaxCrossEntropy(
            runner.Forward(graph, images, ForwardMode.Train), graph.Bind(labels))));

        runner.CheckParameters(
            gradients, s_file, s_file.Parameters(name), $"{name}/train/gradient", type == DType.Float64);
    }

    private static double LogitTolerance(DType type) =>
        type == DType.Float64 ? GoldenCheck.DoubleTolerance : GoldenCheck.NetworkTolerance;

    private static NetworkRunner Runner(string name, DType type)
    {
        var extents = s_file.Integers($"{name}/images");
        return NetworkRunner.For(name, extents[1], extents[2], type);
    }
}
