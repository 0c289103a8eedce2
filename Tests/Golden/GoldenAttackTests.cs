using Codat.Native.Autograd;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Projected gradient descent from the clean image, against PyTorch.</summary>
[Category("Golden")]
internal sealed class GoldenAttackTests
{
    private const int Steps = 10;

    private static readonly GoldenFile s_file = GoldenFile.Open("attacks");

    [Test]
    public void PgdStep_OneAndTenSteps_MatchTheRecordedAttack(
        [Values("small-cnn", "medium-cnn", "resnet18")] string model, [Values("linf", "l2")] string norm,
        [Values(DType.Float32, DType.Float64)] DType type)
    {
        var key = $"{model}/{norm}";
        var (channels, side, count) = model == "resnet18" ? (3, 32, 2) : (1, 28, 8);
        using var runner = NetworkRunner.For(model, channels, side, type);
        using var attack = new Attack(
            runner, count, (ulong)s_file.Doubles($"{key}/case")[0], norm, s_file.Doubles($"{key}/threat"));

        var start = attack.Losses();
        attack.Step();
        var (first, firstLoss) = (attack.Images(), attack.Losses());
        for (var i = 1; i < Steps; i++) attack.Step();

        var isDouble = type == DType.Float64;
        var expected = s_file.Doubles($"{key}/step1");
        var share = GoldenCheck.ShareWithin(
            first.AsSpan(0, expected.Length), expected, isDouble ? 1e-7 : GoldenCheck.PixelTolerance);
        Assert.That(share, Is.GreaterThanOrEqualTo(isDouble ? 1.0 : GoldenCheck.PixelShare), "pixels after one step");
        var lossTolerance = isDouble ? 1e-9 : GoldenCheck.AttackLossTolerance;
        GoldenCheck.EachClose(start, s_file.Doubles($"{key}/loss0"), isDouble ? 1e-10 : 1e-4, "loss before");
        GoldenCheck.EachClose(firstLoss, s_file.Doubles($"{key}/loss1"), lossTolerance, "loss after one step");
        GoldenCheck.EachClose(attack.Losses(), s_file.Doubles($"{key}/loss10"), lossTolerance, "loss after ten steps");
        GoldenCheck.EachClose(attack.Norms(), s_file.Doubles($"{key}/norm10"), isDouble ? 1e-7 : 1e-2, "norms");
        Assert.That(attack.Norms(), Has.All.LessThanOrEqualTo(attack.Radius * (1 + 1e-6)), "ball");
        Assert.That(attack.Images(), Has.All.InRange(0.0, 1.0), "range");
    }

    [Test]
    public void PgdStep_AtEdgesAndOnZeroGradients_IsTheRecordedUpdate(
        [Values("linf", "l2")] string norm, [Values(DType.Float32, DType.Float64)] DType type)
    {
        var shape = s_file.Shape($"update/{norm}/y");
        double[] Ours(string part) => TorchOrder.ChannelsLast(
            s_file.Doubles($"update/{norm}/{part}"), shape[0], shape[1], shape[2], shape[3]);
        var (radius, step) = norm == "linf" ? (8 / 255f, 2 / 255f) : (0.5f, 0.125f);
        using var runner = new GraphRunner(type);
        var ours = new Shape(shape[0], shape[2], shape[3], shape[1]);
        var (iterate, gradient, clean) = (
            runner.Put(ours, Ours("adv")), runner.Put(ours, Ours("g")), runner.Put(ours, Ours("clean")));

        runner.Run(graph =>
        {
            graph.Apply(new PgdStepOp(NormOf(norm), radius, step),
                graph.Bind(iterate), graph.Bind(gradient), graph.Bind(clean));
            return [];
        });

        var tolerance = type == DType.Float64 ? 1e-14 : 1e-6;
        GoldenCheck.Close(GraphRunner.Read(iterate), Ours("y"), tolerance, norm);
    }

    private static Norm NormOf(string norm) => norm == "linf" ? Norm.Linf : Norm.L2;

    /// <summary>An attack in eval mode from the clean image on the mean cross-entropy.</summary>
    private sealed class Attack : IDisposable
    {
        private readonly NetworkRunner _runner;
        private readonly Tensor _clean, _iterate, _labels;
        private readonly PlanProgram _program;
        private readonly Norm _norm;

        public Attack(NetworkRunner runner, int count, ulong seed, string norm, double[] threat)
        {
            (_runner, _norm, Radius) = (runner, NormOf(norm), threat[0]);
            var spec = runner.Network.Spec;
            _clean = runner.PutImages(GoldenValues.Images(count, spec.Channels, spec.Height, spec.Width, seed));
            _iterate = runner.Graph.Zeros(_clean.Shape, "iterate");
            _labels = runner.Graph.PutIntegers(GoldenValues.Labels(count, seed));
            Start(new PgdStartOp(_norm, threat[0], AttackStart.Zero, 0, RandomPurpose.EvaluationStart), count);
            _program = runner.Graph.Compile(graph =>
            {
                var x = graph.Bind(_iterate);
                var loss = graph.Mean(graph.SoftmaxCrossEntropy(
                    runner.Forward(graph, _iterate, ForwardMode.Eval), graph.Bind(_labels)));
                graph.Apply(new PgdStepOp(_norm, threat[0], threat[1]),
                    x, graph.Gradients(loss, x)[0], graph.Bind(_clean));
            });
        }

        public double Radius { get; }

        public void Step() => _program["run"].Run();

        public double[] Losses() => _runner.Losses(_iterate, _labels);

        /// <summary>The iterate in PyTorch's order.</summary>
        public double[] Images() => TorchOrder.ToTorch(_iterate.Shape, GraphRunner.Read(_iterate));

        /// <summary>The size of each image's perturbation.</summary>
        public double[] Norms()
        {
            var (adversarial, clean) = (GraphRunner.Read(_iterate), GraphRunner.Read(_clean));
            var norms = new double[_clean.Shape[0]];
            var run = clean.Length / norms.Length;
            for (var n = 0; n < norms.Length; n++)
            {
                var delta = new double[run];
                for (var i = 0; i < run; i++) delta[i] = adversarial[n * run + i] - clean[n * run + i];
                norms[n] = _norm == Norm.L2 ? NetworkRunner.Norm(delta) : delta.Max(Math.Abs);
            }

            return norms;
        }

        public void Dispose() => _program.Dispose();

        private void Start(PgdStartOp start, int count)
        {
            var (ids, counters) = (_runner.Graph.PutIntegers(new int[count]), _runner.Graph.PutIntegers(0, 0));
            using var program = _runner.Graph.Compile(graph => graph.Store(
                _iterate, graph.Apply(start, graph.Bind(_clean), graph.Bind(ids), graph.Bind(counters))));
            program["run"].Run();
        }
    }
}
