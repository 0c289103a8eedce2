using Codat.Native.Autograd;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Which images BAT trains on, against a walk that is made one iterate after the other.</summary>
internal sealed class BatTests
{
    private const int K = SmallData.Classes, Batch = 32, Steps = 10;

    [Test]
    public void Step_RiskOfEachClass_IsTheLossOfTheImagesAroundTheBoundary([Values] Norm norm)
    {
        var striped = StripedNetwork.Train();
        using var device = Device.Cpu(new CpuOptions { Threads = 1 });
        using var network = striped.On(device, DType.Float64);
        var spec = StripedNetwork.StepSpec(Batch, LossKind.Bat, ClassWeightKind.None) with
        {
            Norm = norm, Epsilon = norm == Norm.Linf ? 0.1 : 2, StepSize = norm == Norm.Linf ? 0.01 : 0.2, AttackSteps = Steps,
            Start = AttackStart.Gaussian, Beta = 3, Seed = 8,
        };
        using var step = new StepProgram(network, spec);
        var pixels = SmallData.Pixels(striped.Test)[..(Batch * striped.Test.Shape.Bytes)];
        var labels = SmallData.Labels(striped.Test)[..Batch];
        step.Tensors.Pixels.CopyFrom<byte>(pixels);
        step.Tensors.Labels.CopyFrom<int>(labels);
        step.Tensors.SampleIds.CopyFrom<int>(Enumerable.Range(0, Batch).ToArray());

        var walk = new Walk(network, spec, pixels, labels);
        step.Run();

        Assert.That(walk.Counts, Has.Some.Zero.And.Some.EqualTo(2), "images on either side");
        Assert.That(walk.Crossings.Distinct().Count(), Is.GreaterThan(2), "images that cross at different steps");
        var risk = step.Tensors.Record.Table.ToArray<double>()[(StepRecord.RiskRow * K)..((StepRecord.RiskRow + 1) * K)];
        for (var k = 0; k < K; k++)
        {
            var own = walk.Losses.Where((_, n) => labels[n] == k).Average();
            Assert.That(risk[k], Is.EqualTo(own).Within(1e-9 * own), $"class {k}");
        }
    }

    /// <summary>The rule of the paper on one iterate after the other, each looked at before the step from it.</summary>
    private sealed class Walk
    {
        public Walk(Network network, StepSpec spec, byte[] pixels, int[] labels)
        {
            var shape = new Shape(Batch, 16, 16, 3);
            var run = (int)(shape.Count / Batch);
            double[] clean = Array.ConvertAll(pixels, p => p / 255.0);
            var iterate = Start(network, spec, shape, clean);
            var near = (double[])iterate.Clone();
            for (var t = 0; t < Steps; t++)
            {
                var (predicted, moved) = Look(network, spec, shape, clean, iterate);
                for (var n = 0; n < Batch; n++)
                {
                    var own = new Range(n * run, (n + 1) * run);
                    if (Counts[n] == 0 && predicted[n] == labels[n]) iterate[own].CopyTo(near, n * run);
                    else if (Counts[n] == 0) (Counts[n], Crossings[n]) = (1, t);
                    else Counts[n] = 2;
                    if (Counts[n] < 2) moved[own].CopyTo(iterate, n * run);
                }
            }
            for (var n = 0; n < Batch; n++)
                if (Counts[n] == 0) iterate[(n * run)..((n + 1) * run)].CopyTo(near, n * run);
            Losses = Score(network, spec, shape, clean, near, iterate, labels);
        }

        public int[] Counts { get; } = new int[Batch];

        /// <summary>The first wrong iterate of each image, -1 for none.</summary>
        public int[] Crossings { get; } = [.. Enumerable.Repeat(-1, Batch)];

        public double[] Losses { get; }

        private static double[] Start(Network network, StepSpec spec, Shape shape, double[] clean)
        {
            using var bench = new GraphBench(network.Device, DType.Float64);
            var op = new PgdStartOp(spec.Norm, spec.Epsilon, spec.Start, spec.Seed, RandomPurpose.AttackStart);
            return bench.Run(bench.Graph.Apply(op, bench.Input(shape, clean), bench.Ints([.. Enumerable.Range(0, Batch)]), bench.Ints(0, 0)));
        }

        private static (int[] Predicted, double[] Moved) Look(
            Network network, StepSpec spec, Shape shape, double[] clean, double[] iterate)
        {
            using var bench = new GraphBench(network.Device, DType.Float64);
            var (x, centre) = (bench.Tensor(shape, iterate), bench.Input(shape, clean));
            var logits = network.Forward(new ForwardContext(bench.Graph, ForwardMode.Eval), bench.Graph.Bind(x));
            var pull = bench.Graph.KlDivergence(network.Forward(new ForwardContext(bench.Graph, ForwardMode.Eval), centre), logits);
            var predicted = bench.Output(bench.Graph.ArgMax(logits));
            var gradient = bench.Graph.Gradients(bench.Graph.SumAll(pull), bench.Graph.Bind(x))[0];
            bench.Graph.Apply(new PgdStepOp(spec.Norm, spec.Epsilon, spec.StepSize), bench.Graph.Bind(x), gradient, centre);
            using var program = bench.Compile();
            program["main"].Run();
            return (predicted.ToArray<int>(), x.ToArray<double>());
        }

        private static double[] Score(
            Network network, StepSpec spec, Shape shape, double[] clean, double[] near, double[] far, int[] labels)
        {
            using var bench = new GraphBench(network.Device, DType.Float64);
            Node Logits(double[] images) =>
                network.Forward(new ForwardContext(bench.Graph, ForwardMode.Train), bench.Input(shape, images));
            return bench.Run(BatLoss.Build(bench.Graph, Logits(clean), Logits(near), Logits(far), bench.Ints(labels), spec.Beta, 0));
        }
    }
}
