using Codat.Native.Autograd;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Ten steps of SGD, and the schedules, against PyTorch.</summary>
[Category("Golden")]
internal sealed class GoldenTrainingTests
{
    private const int Steps = 10;
    private const int Batch = 16;
    private const ulong FirstCase = 200;
    private const double Rate = 0.05;
    private const double Tight = 1e-11;

    // In float32 our sums round otherwise than PyTorch's, and in the deep network one unit that ends on the other side
    // of its ReLU moves later losses by up to 4e-4 and single biases by up to 1e-2. In double nothing of the kind
    // happens, so the rule is proven there.
    private const double FlipTolerance = 2e-3;
    private const double FlipWeightTolerance = 2e-2;

    private static readonly GoldenFile s_file = GoldenFile.Open("training");

    [Test]
    public void SgdStep_TenSteps_FollowsTheRecordedTrajectory(
        [Values("small-cnn", "wrn-10-1")] string model, [Values] bool nesterov,
        [Values(DType.Float32, DType.Float64)] DType type,
        [Values(CpuVectors.Best, CpuVectors.Portable)] CpuVectors vectors)
    {
        var (channels, side) = model == "small-cnn" ? (1, 28) : (3, 32);
        using var runner = new NetworkRunner(
            new NetworkSpec(model, side, side, channels, NetworkRunner.Classes), type,
            new CpuOptions { Vectors = vectors });

        var losses = Train(runner, channels, side, nesterov);

        var key = $"{model}/{(nesterov ? "nesterov" : "momentum")}";
        var isDouble = type == DType.Float64;
        var flips = !isDouble && model != "small-cnn";
        var expected = s_file.Doubles($"{key}/loss");
        GoldenCheck.EachClose(losses.AsSpan(0, 2), expected.AsSpan(0, 2), isDouble ? Tight : 1e-6, "first losses");
        GoldenCheck.EachClose(losses, expected, isDouble ? Tight : flips ? FlipTolerance : 1e-6, "losses");
        CheckWeights(runner, model, key,
            isDouble ? Tight : flips ? FlipWeightTolerance : GoldenCheck.TrainingNormTolerance);
        if (model != "wrn-10-1") return;
        foreach (var name in new[] { "bn1.running_mean", "bn1.running_var" })
        {
            GoldenCheck.Close(runner.Running(name), s_file.Doubles($"{key}/{name}"),
                isDouble ? Tight : FlipWeightTolerance, name);
        }
    }

    [Test]
    public void SgdStep_NonZeroStatus_LeavesEverythingAsItWas()
    {
        using var runner = NetworkRunner.For("wrn-10-1", 3, 32, DType.Float32);
        var (weights, running) = (runner.Network.Weights, runner.Network.RunningStatistics!);
        var (weightsBefore, runningBefore) = (weights.ToArray<float>(), running.ToArray<float>());

        Train(runner, 3, 32, nesterov: false, status: 3, steps: 1);

        Assert.That(weights.ToArray<float>(), Is.EqualTo(weightsBefore));
        Assert.That(running.ToArray<float>(), Is.EqualTo(runningBefore));
    }

    [TestCase("onecycle", "onecycle")]
    [TestCase("piecewise", "piecewise:75%,90%")]
    [TestCase("piecewise", "piecewise:30,36")]
    [TestCase("cosine", "cosine")]
    [TestCase("cyclic", "cyclic")]
    public void LearningRate_EachStep_IsPyTorchs(string recorded, string schedule)
    {
        const double Peak = 0.1;
        var expected = s_file.Doubles($"schedule/{recorded}");

        var spec = ScheduleSpec.Parse(schedule, "--schedule");

        for (var step = 0; step < expected.Length; step++)
        {
            var rate = spec.LearningRate(step, expected.Length, stepsPerEpoch: 1, Peak);
            Assert.That(rate, Is.EqualTo(expected[step]).Within(1e-14), $"step {step}");
        }
    }

    /// <summary>Trains on the recorded batches and returns the loss of every step.</summary>
    private static double[] Train(
        NetworkRunner runner, int channels, int side, bool nesterov, int status = 0, int steps = Steps)
    {
        var (run, network) = (runner.Graph, runner.Network);
        var images = run.Zeros(new Shape(Batch, side, side, channels), "images");
        var labels = run.PutIntegers(new int[Batch]);
        var failed = run.PutIntegers(status, 0);
        var rate = run.Put(new Shape(1), [Rate]);
        var velocity = run.Zeros(network.Weights.Shape, "velocity");
        var gradient = run.Zeros(network.Weights.Shape, "gradient");
        var loss = run.Zeros(Shape.Scalar, "loss");
        using var program = run.Compile(graph =>
        {
            var context = new ForwardContext(graph, ForwardMode.Train);
            var logits = network.Forward(context, graph.Bind(images));
            var value = graph.Mean(graph.SoftmaxCrossEntropy(logits, graph.Bind(labels)));
            var gradients = graph.Gradients(value, network.BindParameters(graph));
            graph.Store(loss, value);
            context.UpdateRunningStatistics(failed);
            var at = 0;
            foreach (var (_, view) in FlatArena.Views(gradient, network.Parameters)) graph.Store(view, gradients[at++]);
            graph.Apply(new SgdStepOp(0.9, 5e-4, nesterov), graph.Bind(network.Weights), graph.Bind(velocity),
                graph.Bind(gradient), graph.Bind(rate), graph.Bind(failed));
        });

        var losses = new double[steps];
        for (var i = 0; i < steps; i++)
        {
            var seed = FirstCase + (ulong)i;
            var batch = GoldenValues.Widen(GoldenValues.Images(Batch, channels, side, side, seed));
            GraphRunner.Write(images, TorchOrder.ChannelsLast(batch, Batch, channels, side, side));
            labels.CopyFrom<int>(GoldenValues.Labels(Batch, seed));
            program["run"].Run();
            losses[i] = GraphRunner.Read(loss)[0];
        }

        return losses;
    }

    private static void CheckWeights(NetworkRunner runner, string model, string key, double tolerance)
    {
        var (norms, samples) = (s_file.Doubles($"{key}/parameter/norm"), s_file.Doubles($"{key}/parameter/sample"));
        var each = samples.Length / norms.Length;
        var torch = s_file.Parameters(model);
        Assert.That(torch, Has.Count.EqualTo(runner.Network.Parameters.Count));
        for (var i = 0; i < torch.Count; i++)
        {
            var parameter = runner.Network.Parameters.First(p => p.Name == torch[i].Name).Parameter;
            var values = TorchOrder.ToTorch(parameter, GraphRunner.Read(parameter.Value));
            GoldenCheck.EachClose([NetworkRunner.Norm(values)], [norms[i]], tolerance, $"{key} {torch[i].Name}");
            GoldenCheck.Close(GoldenValues.Sample(values, each), samples.AsSpan(i * each, each),
                tolerance, $"{key} {torch[i].Name}");
        }
    }
}
