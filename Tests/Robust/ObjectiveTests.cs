using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>How a step's losses become one objective: against the solver, plain means, and the gradient that is applied.</summary>
internal sealed class ObjectiveTests
{
    private const int K = SmallData.Classes, Batch = 22;

    private static readonly SyntheticOptions s_images = SmallData.Images(seed: 5, train: 60);

    [Test]
    public void Codat_WithoutARadius_IsBalancedBitForBit()
    {
        using var codat = Make(ClassWeightKind.Codat);
        using var balanced = Make(ClassWeightKind.Balanced, radius: 0.7);

        codat.Step.Run();
        balanced.Step.Run();

        Assert.That(codat.Weights, Is.EqualTo(balanced.Weights));
        Assert.That(codat.Table, Is.EqualTo(balanced.Table));
        Assert.That(balanced.Numbers[StepRecord.EtaEffAt], Is.Zero);
        Assert.That(codat.Row(StepRecord.WeightRow), Has.All.EqualTo(1.0 / K).Within(1e-15));
    }

    [Test]
    public void At_LossAndMultipliers_AreTheMeanOverSamples()
    {
        using var at = Make(ClassWeightKind.None, radius: 0.7);

        at.Step.Run();

        var losses = at.LossesBefore;
        Assert.That(at.Numbers[StepRecord.LossAt], Is.EqualTo(losses.Average()).Within(1e-6));
        Assert.That(at.Row(StepRecord.MultiplierRow), Has.All.EqualTo(1.0 / Batch));
        Assert.That(at.Row(StepRecord.WeightRow), Is.EqualTo(Counts(at).Select(n => n / (double)Batch)).Within(1e-15));
    }

    [Test]
    public void Codat_WeightsAndMultipliers_AreTheSolversOnTheClassMeans([Values(0.0, 0.1, 0.3, 1.0, 2.9)] double eta)
    {
        using var codat = Make(ClassWeightKind.Codat, eta);

        codat.Step.Run();

        var (losses, counts) = (codat.LossesBefore, Counts(codat));
        var risks = Enumerable.Range(0, K).Select(k => codat.Labels.Zip(losses).Where(p => p.First == k).Average(p => p.Second)).ToArray();
        var (weights, published) = (new double[K], new double[K]);
        double[] prior = [.. Enumerable.Repeat(1.0 / K, K)];
        var exact = ChiSquareWeights.Exact(risks, prior, new ChiSquareBall(eta), weights);
        var signed = ChiSquareWeights.Published(risks, prior, new ChiSquareBall(eta), published);
        Assert.That(codat.Row(StepRecord.RiskRow), Is.EqualTo(risks).Within(1e-6));
        Assert.That(codat.Row(StepRecord.WeightRow), Is.EqualTo(weights).Within(1e-5));
        Assert.That(codat.Row(StepRecord.MultiplierRow),
            Is.EqualTo(codat.Row(StepRecord.WeightRow).Select((w, k) => w / counts[k])).Within(1e-15));
        Assert.That(codat.Numbers[StepRecord.LossAt], Is.EqualTo(weights.Zip(risks, (w, r) => w * r).Sum()).Within(1e-6));
        Assert.That(codat.Numbers[StepRecord.NegativeAt], Is.EqualTo(published.Count(w => w < 0)));
        Assert.That(codat.Numbers[StepRecord.GapAt], Is.EqualTo(signed.Objective - exact.Objective).Within(1e-6));
        if (eta > 2) Assert.That(codat.Numbers[StepRecord.NegativeAt], Is.Positive, "the case is of no use without a negative weight");
    }

    [Test]
    public void Codat_Published_UsesTheSignedWeights()
    {
        const double Eta = 2.9;
        using var codat = Make(ClassWeightKind.Codat, Eta, WeightSolver.Published);

        codat.Step.Run();

        var published = new double[K];
        ChiSquareWeights.Published(codat.Row(StepRecord.RiskRow), Enumerable.Repeat(1.0 / K, K).ToArray(), new ChiSquareBall(Eta), published);
        Assert.That(codat.Row(StepRecord.WeightRow), Is.EqualTo(published).Within(1e-12));
        Assert.That(published.Min(), Is.Negative);
    }

    [Test]
    public void Update_Weights_MoveAgainstTheGradientOfTheWeightedLoss([Values] LossKind loss, [Values] ClassWeightKind kind)
    {
        const double Rate = 0.1, Small = 1e-5;
        using var made = Make(kind, radius: 0.5, loss: loss, type: DType.Float64, rate: Rate);
        var before = made.WeightsAsDoubles;

        made.Step.Run();

        // One step of SGD without momentum or decay: its displacement is the gradient times the rate. The weights of classes
        // are constants in it (Danskin), so the objective's own difference quotient must agree.
        var moved = made.WeightsAsDoubles;
        var gradient = before.Zip(moved, (b, a) => (b - a) / Rate).ToArray();
        var direction = gradient.Select((g, i) => i % 3 == 0 ? g : 0).ToArray();
        var (up, down) = (before.Zip(direction, (w, d) => w + Small * d).ToArray(), before.Zip(direction, (w, d) => w - Small * d).ToArray());
        var slope = (made.Objective(up, kind) - made.Objective(down, kind)) / (2 * Small);
        var expected = direction.Sum(d => d * d);
        Assert.That(expected, Is.GreaterThan(1e-4));
        Assert.That(slope, Is.EqualTo(expected).Within(2e-4 * expected));
    }

    [Test]
    public void Update_WithAwp_DescendsTheSameWeightedLossFromWhereItIsWorse(
        [Values] LossKind loss, [Values(ClassWeightKind.None, ClassWeightKind.Codat, ClassWeightKind.GroupDro)] ClassWeightKind kind)
    {
        const double Rate = 0.1, Small = 1e-5, Gamma = 0.01;
        using var plain = Make(kind, radius: 0.5, loss: loss, type: DType.Float64, rate: Rate);
        using var awp = Make(kind, radius: 0.5, loss: loss, type: DType.Float64, rate: Rate, awp: Gamma);
        var before = plain.WeightsAsDoubles;

        plain.Step.Run();
        awp.Step.Run();

        // Class risks, weights and the direction of the perturbation are those at the weights as they were.
        Assert.That(awp.Table, Is.EqualTo(plain.Table));
        double[] Gradient(Made made) => [.. before.Zip(made.WeightsAsDoubles, (b, a) => (b - a) / Rate)];
        var worse = awp.Perturbed(before, Gradient(plain), Gamma);
        var gradient = Gradient(awp);
        var direction = gradient.Select((g, i) => i % 3 == 0 ? g : 0).ToArray();
        double Along(double step) => awp.Objective([.. worse.Zip(direction, (w, d) => w + step * d)], ClassWeightKind.GroupDro);
        var expected = direction.Sum(d => d * d);
        Assert.That((Along(Small) - Along(-Small)) / (2 * Small), Is.EqualTo(expected).Within(2e-4 * expected));
        var other = Math.Sqrt(gradient.Zip(Gradient(plain), (a, b) => (a - b) * (a - b)).Sum() / gradient.Sum(g => g * g));
        Assert.That(other, Is.GreaterThan(0.01), "the case is of no use where the perturbation changes little");
    }

    private static int[] Counts(Made made) => [.. Enumerable.Range(0, K).Select(k => made.Labels.Count(l => l == k))];

    private static Made Make(ClassWeightKind kind, double radius = 0, WeightSolver solver = WeightSolver.Exact, LossKind loss = LossKind.Ce,
        DType type = DType.Float32, double rate = 0.01, double? awp = null)
    {
        // The attack stands still so that the loss of the same images can be computed again at other weights.
        var spec = StripedNetwork.StepSpec(Batch, loss) with
        {
            ClassWeights = new ClassWeightSpec { Kind = kind, Solver = solver }, StepSize = 0,
            Start = AttackStart.Uniform, Momentum = 0, WeightDecay = 0, Beta = 3, Awp = awp,
        };
        return new Made(spec, radius, type, rate);
    }

    /// <summary>A network, one batch, and the step on them.</summary>
    private sealed class Made : IDisposable
    {
        private readonly CpuDevice _device = Device.Cpu();
        private readonly Network _network;
        private readonly StepSpec _spec;
        private readonly double _radius;

        public Made(StepSpec spec, double radius, DType type, double rate)
        {
            (_spec, _radius) = (spec, radius);
            _network = Network.Create(StripedNetwork.Spec, _device, seed: 3, type);
            var images = SyntheticDataset.Create(s_images, DatasetSplit.Train);
            Labels = SmallData.Labels(images)[..Batch];
            Step = new StepProgram(_network, spec);
            EndEpoch(Step);
            Fill(Step, rate);
            LossesBefore = SampleLosses();
        }

        public StepProgram Step { get; }

        public int[] Labels { get; }

        /// <summary>Cross-entropy of each attacked sample before the step.</summary>
        public double[] LossesBefore { get; }

        public double[] Table => Step.Tensors.Record.Table.ToArray<double>();

        public double[] Numbers => Step.Tensors.Record.Numbers.ToArray<double>();

        public float[] Weights => _network.Weights.ToArray<float>();

        public double[] WeightsAsDoubles => _network.Weights.ToArray<double>();

        public double[] Row(int row) => Table[(row * K)..((row + 1) * K)];

        /// <summary>
        /// The objective of the same batch at other weights: the logged one where class weights are the worst of a ball, else
        /// the class losses under the multipliers of the step, which the method holds fixed.
        /// </summary>
        public double Objective(double[] weights, ClassWeightKind kind)
        {
            var kept = WeightsAsDoubles;
            _network.Weights.CopyFrom<double>(weights);
            using var step = new StepProgram(_network, _spec);
            EndEpoch(step);
            Fill(step, rate: 0);
            step.Run();
            _network.Weights.CopyFrom<double>(kept);
            if (kind is not (ClassWeightKind.GroupDro or ClassWeightKind.Faal))
                return step.Tensors.Record.Numbers.ToArray<double>()[StepRecord.LossAt];
            var risks = step.Tensors.Record.Table.ToArray<double>()[(StepRecord.RiskRow * K)..((StepRecord.RiskRow + 1) * K)];
            return Enumerable.Range(0, K).Sum(k => Row(StepRecord.MultiplierRow)[k] * Labels.Count(l => l == k) * risks[k]);
        }

        /// <summary>w + gamma |w| g / |g| for each tensor of weights, none for biases.</summary>
        public double[] Perturbed(double[] weights, double[] gradient, double gamma)
        {
            var moved = (double[])weights.Clone();
            var offset = 0;
            foreach (var (_, parameter) in _network.Parameters)
            {
                var count = (int)parameter.Shape.Count;
                double Norm(double[] values) => Math.Sqrt(values.Skip(offset).Take(count).Sum(v => v * v));
                if (parameter.Shape.Rank > 1)
                    for (var i = offset; i < offset + count; i++) moved[i] += gamma * Norm(weights) / Norm(gradient) * gradient[i];
                offset += (count + 63) / 64 * 64;
            }
            return moved;
        }

        public void Dispose()
        {
            Step.Dispose();
            _network.Dispose();
            _device.Dispose();
        }

        // What methods learn at the end of an epoch is something else than what they begin with.
        private static void EndEpoch(StepProgram step) => step.Method.EndEpoch(new EpochClasses(
            1, 1, [.. Enumerable.Range(0, K).Select(k => 0.9 - 0.2 * k)], [.. Enumerable.Range(0, K).Select(k => 0.5 - 0.05 * k)],
            [.. Enumerable.Range(0, K).Select(k => 1.5 + 2 * k)]));

        private void Fill(StepProgram step, double rate)
        {
            var images = SyntheticDataset.Create(s_images, DatasetSplit.Train);
            step.Tensors.Pixels.CopyFrom<byte>(SmallData.Pixels(images).AsSpan(0, Batch * images.Shape.Bytes));
            step.Tensors.Labels.CopyFrom<int>(Labels);
            step.Tensors.SampleIds.CopyFrom<int>(Enumerable.Range(0, Batch).ToArray());
            step.Tensors.SetRadius(_radius);
            step.Tensors.SetLearningRate(rate);
        }

        private double[] SampleLosses()
        {
            if (_network.Type != DType.Float32 || _spec.Loss != LossKind.Ce) return [];
            using var program = new AttackProgram(_network, null, Batch, 0);
            var images = SyntheticDataset.Create(s_images, DatasetSplit.Train);
            var op = new PgdStartOp(_spec.Norm, _spec.Epsilon, _spec.Start, _spec.Seed, RandomPurpose.AttackStart);
            var graph = new GraphBuilder();
            var clean = Array.ConvertAll(SmallData.Pixels(images)[..(Batch * images.Shape.Bytes)], b => b / 255f);
            program.Clean.CopyFrom<float>(clean);
            using var ids = _device.Allocate(DType.Int32, new Shape(Batch));
            ids.CopyFrom<int>(Enumerable.Range(0, Batch).ToArray());
            using var counters = _device.Allocate(DType.Int32, new Shape(2));
            using var attacked = _device.Allocate(DType.Float32, program.Clean.Shape);
            graph.Store(attacked, graph.Apply(op, graph.Bind(program.Clean), graph.Bind(ids), graph.Bind(counters)));
            using var plans = new PlanProgram(_device, null);
            plans.Add("start", graph);
            plans.Compile();
            plans["start"].Run();
            program.Clean.CopyFrom<float>(attacked.ToArray<float>());
            program.Labels.CopyFrom<int>(Labels);
            program.Score();
            return Array.ConvertAll(program.Loss.ToArray<float>(), v => (double)v);
        }
    }
}
