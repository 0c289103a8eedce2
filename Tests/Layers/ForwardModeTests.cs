using Codat.Native.Autograd;
using Codat.Native.Layers;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Which forward pass touches running statistics, and which ones its results come from.</summary>
internal sealed class ForwardModeTests
{
    private const double Momentum = 0.1;

    [TestCase(ForwardMode.Eval)]
    [TestCase(ForwardMode.BatchStats)]
    public void Forward_OutsideTraining_LeavesRunningStatistics(ForwardMode mode)
    {
        using var runner = Runner();
        var before = runner.Network.RunningStatistics!.ToArray<double>();

        Run(runner, mode, status: 0);

        Assert.That(runner.Network.RunningStatistics!.ToArray<double>(), Is.EqualTo(before));
    }

    [Test]
    public void Forward_InTraining_MovesEveryStatisticByTheMomentum()
    {
        using var runner = Runner();
        var network = runner.Network;
        var images = GraphRunner.Read(Images(runner));
        var before = runner.Running("block1.layer.0.bn1.running_mean");
        var stem = network.Parameters.First(p => p.Name == "conv1.weight").Parameter;
        var expected = runner.Graph.Run(graph =>
            [graph.BatchMoments(graph.Conv2d(graph.Bind(runner.Graph.Put(new Shape(4, 8, 8, 3), images)),
                graph.Bind(stem.Value), 1, 1))])[0];

        Run(runner, ForwardMode.Train, status: 0);

        var after = runner.Running("block1.layer.0.bn1.running_mean");
        for (var c = 0; c < after.Length; c++)
            Assert.That(after[c], Is.EqualTo((1 - Momentum) * before[c] + Momentum * expected[c]).Within(1e-12));
    }

    [Test]
    public void Forward_InTraining_MovesEveryBuffer()
    {
        using var runner = Runner();
        var before = runner.Network.Buffers.Select(b => b.Parameter.Value.ToArray<double>()).ToList();

        Run(runner, ForwardMode.Train, status: 0);

        for (var b = 0; b < before.Count; b++)
        {
            var (name, buffer) = runner.Network.Buffers[b];
            var after = buffer.Value.ToArray<double>();
            Assert.That(after.Zip(before[b]).Count(pair => pair.First == pair.Second), Is.Zero, name);
        }
    }

    [TestCase(1)]
    [TestCase(-1)]
    public void Forward_InTrainingAfterAFailure_LeavesRunningStatistics(int status)
    {
        using var runner = Runner();
        var before = runner.Network.RunningStatistics!.ToArray<double>();

        Run(runner, ForwardMode.Train, status);

        Assert.That(runner.Network.RunningStatistics!.ToArray<double>(), Is.EqualTo(before));
    }

    [Test]
    public void Forward_InTrainingWithoutUpdate_LeavesRunningStatistics()
    {
        using var runner = Runner();
        var images = Images(runner);
        var before = runner.Network.RunningStatistics!.ToArray<double>();

        runner.Graph.Run(graph => [runner.Forward(graph, images, ForwardMode.Train)]);

        Assert.That(runner.Network.RunningStatistics!.ToArray<double>(), Is.EqualTo(before));
    }

    [Test]
    public void Forward_BatchStatsAndTrain_DoNotReadRunningStatistics()
    {
        using var runner = Runner();
        var images = Images(runner);
        double[] Logits(ForwardMode mode) => runner.Graph.Run(graph => [runner.Forward(graph, images, mode)])[0];
        var (batch, train) = (Logits(ForwardMode.BatchStats), Logits(ForwardMode.Train));
        var eval = Logits(ForwardMode.Eval);

        var running = runner.Network.RunningStatistics!;
        running.CopyFrom<double>(Array.ConvertAll(running.ToArray<double>(), v => 3 * v + 1));

        Assert.That(Logits(ForwardMode.BatchStats), Is.EqualTo(batch));
        Assert.That(Logits(ForwardMode.Train), Is.EqualTo(train).And.EqualTo(batch));
        Assert.That(Logits(ForwardMode.Eval), Is.Not.EqualTo(eval));
    }

    [Test]
    public void Forward_InEval_ImagesDoNotSeeEachOther()
    {
        using var runner = new NetworkRunner(new NetworkSpec("wrn-10-1", 8, 8, 3, 10), DType.Float32);
        var all = GoldenValues.Images(4, 3, 8, 8);
        double[] Logits(Tensor images, ForwardMode mode) =>
            runner.Graph.Run(graph => [runner.Forward(graph, images, mode)])[0];
        var (four, one) = (runner.PutImages(all), runner.PutImages(all[^(3 * 64)..]));

        Assert.That(Logits(four, ForwardMode.Eval)[30..], Is.EqualTo(Logits(one, ForwardMode.Eval)));
        Assert.That(Logits(four, ForwardMode.BatchStats)[30..], Is.Not.EqualTo(Logits(one, ForwardMode.BatchStats)));
    }

    private static NetworkRunner Runner() => new(new NetworkSpec("wrn-10-1", 8, 8, 3, 10), DType.Float64);

    private static Tensor Images(NetworkRunner runner) => runner.PutImages(GoldenValues.Images(4, 3, 8, 8));

    private static void Run(NetworkRunner runner, ForwardMode mode, int status)
    {
        var (images, failed) = (Images(runner), runner.Graph.PutIntegers(status, 0));
        runner.Graph.Run(graph =>
        {
            var context = new ForwardContext(graph, mode);
            var logits = runner.Network.Forward(context, graph.Bind(images));
            context.UpdateRunningStatistics(failed);
            return [logits];
        });
    }
}
