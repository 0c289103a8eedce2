using Codat.Native.Autograd;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>What methods that act through radius and terms by class make of a step, against steps of other methods.</summary>
internal sealed class ClassBudgetTests
{
    private const int K = SmallData.Classes, Batch = 16;
    private const double Epsilon = 0.1;

    [Test]
    public void Budget_OfEachClass_IsTheRadiusOfItsImages([Values] Norm norm)
    {
        // With cross-entropy CFA changes the radius alone.
        using var cfa = new Made(Spec(ClassWeightKind.Cfa, LossKind.Ce, norm));
        double[] factors = [.. Enumerable.Range(0, K).Select(k => k % 4 * 0.5)];
        cfa.Set("cfa-budget", [.. factors, .. Enumerable.Repeat(1.0, K)]);

        cfa.Step.Run();

        for (var k = 0; k < K; k++)
        {
            var alone = Spec(ClassWeightKind.None, LossKind.Ce, norm);
            using var same = new Made(alone with { Epsilon = factors[k] * Epsilon });
            same.Step.Run();
            Assert.That(cfa.Risk[k], Is.EqualTo(same.Risk[k]), $"class {k}");
        }
        Assert.That(cfa.Risk.Distinct().Count(), Is.EqualTo(K));
    }

    [TestCase(ClassWeightKind.Dafa, "dafa-weights")]
    [TestCase(ClassWeightKind.Cfa, "cfa-terms")]
    public void Terms_OfEachClass_AreWeighedByItsFactors(ClassWeightKind kind, string name)
    {
        using var made = new Made(Spec(kind, LossKind.Trades, Norm.Linf));
        var factors = Factors(kind, name, made);
        using var both = new Made(Spec(ClassWeightKind.None, LossKind.Trades, Norm.Linf));
        using var clean = new Made(Spec(ClassWeightKind.None, LossKind.Trades, Norm.Linf) with { Beta = 0 });

        made.Step.Run();
        both.Step.Run();
        clean.Step.Run();

        for (var k = 0; k < K; k++)
        {
            var pull = kind == ClassWeightKind.Cfa ? factors[K + k] : 1;
            Assert.That(made.Risk[k],
                Is.EqualTo(factors[k] * clean.Risk[k] + pull * (both.Risk[k] - clean.Risk[k])).Within(1e-12), $"class {k}");
        }
    }

    [TestCase(ClassWeightKind.Dafa, "dafa-weights", LossKind.Ce)]
    [TestCase(ClassWeightKind.Dafa, "dafa-weights", LossKind.Trades)]
    [TestCase(ClassWeightKind.Cfa, "cfa-terms", LossKind.Trades)]
    public void Update_Weights_MoveAgainstTheGradientOfTheLoss(ClassWeightKind kind, string name, LossKind loss)
    {
        const double Rate = 0.1, Small = 1e-5;
        // The attack stands still, so that the same images meet other weights.
        var spec = Spec(kind, loss, Norm.Linf) with { StepSize = 0, Start = AttackStart.Uniform };
        using var made = new Made(spec, Rate);
        _ = Factors(kind, name, made);
        var before = made.Weights;

        made.Step.Run();

        double[] gradient = [.. before.Zip(made.Weights, (b, a) => (b - a) / Rate)];
        double[] direction = [.. gradient.Select((g, i) => i % 3 == 0 ? g : 0)];
        var slope = (Objective(1) - Objective(-1)) / (2 * Small);
        var expected = direction.Sum(d => d * d);
        Assert.That(expected, Is.GreaterThan(1e-5));
        Assert.That(slope, Is.EqualTo(expected).Within(2e-4 * expected));

        double Objective(int sign)
        {
            using var other = new Made(spec);
            _ = Factors(kind, name, other);
            other.Weights = [.. before.Zip(direction, (w, d) => w + sign * Small * d)];
            other.Step.Run();
            return other.Step.Tensors.Record.Numbers.ToArray<double>()[StepRecord.LossAt];
        }
    }

    [Test]
    public void Dafa_EpochsBeforeAndAfterTheWarmUp_LeaveTheWeights()
    {
        using var made = new Made(Spec(ClassWeightKind.Dafa, LossKind.Trades, Norm.Linf));
        double[] ones = [.. Enumerable.Repeat(1.0, 2 * K)];

        made.Step.Run();
        made.Step.Method.EndEpoch(new EpochClasses(1, 3, [], [], []));
        Assert.That(made.Budget, Is.EqualTo(ones));
        Assert.That(made.Step.Method.State[0].ToArray<double>(), Has.All.Zero, "probabilities of one epoch alone");
        made.Step.Run();
        made.Step.Method.EndEpoch(new EpochClasses(2, 3, [], [], []));
        var weights = made.Budget;
        made.Step.Run();
        made.Step.Method.EndEpoch(new EpochClasses(3, 3, [], [], []));

        Assert.That(weights, Is.Not.EqualTo(ones));
        Assert.That(made.Budget, Is.EqualTo(weights));
    }

    [Test]
    public void Dafa_LargeLambda_LeavesNoNegativeRadius()
    {
        using var made = new Made(Spec(ClassWeightKind.Dafa, LossKind.Trades, Norm.Linf, "lambda=100,warm-up=0"));

        made.Step.Run();
        made.Step.Method.EndEpoch(new EpochClasses(1, 3, [], [], []));
        made.Step.Run();

        Assert.That(made.Budget, Has.Some.Zero.And.All.GreaterThanOrEqualTo(0));
        Assert.That(made.Step.Tensors.Record.Status.ToArray<int>()[0], Is.Zero);
    }

    [Test]
    public void Cfa_Accuracy_IsThatOfTheEpochsAttackedImages()
    {
        using var made = new Made(Spec(ClassWeightKind.Cfa, LossKind.Trades, Norm.Linf, "lambda1=0.25"));
        var (right, seen) = (new double[K], new double[K]);
        for (var i = 0; i < 3; i++)
        {
            made.Step.Run();
            var predicted = made.Step.Tensors.Correct.ToArray<int>();
            for (var n = 0; n < Batch; n++)
            {
                seen[made.Labels[n]]++;
                if (predicted[n] == made.Labels[n]) right[made.Labels[n]]++;
            }
        }

        made.Step.Method.EndEpoch(new EpochClasses(1, 10, [], [], []));

        Assert.That(made.Budget[..K], Is.EqualTo(right.Zip(seen, (r, n) => n > 0 ? 0.25 + r / n : 1)).Within(1e-15));
        Assert.That(right, Has.Some.Positive);
    }

    [Test]
    public void Cfa_EpochsBeforeItsBegin_LeaveRadiiAndTermsAndAreForgotten()
    {
        // Two of 40 epochs are the twentieth part from which the authors begin.
        using var made = new Made(Spec(ClassWeightKind.Cfa, LossKind.Trades, Norm.Linf));
        double[] first = [.. Enumerable.Repeat(3.0, K), .. Enumerable.Repeat(4.0, K)];
        double[] second = [.. Enumerable.Repeat(1.0, K), .. Enumerable.Repeat(4.0, K)];

        made.Set("cfa-hits", first);
        made.Step.Method.EndEpoch(new EpochClasses(1, 40, [], [], []));

        Assert.That(made.Budget, Has.All.EqualTo(1), "radii of the warm-up");
        Assert.That(made.Get("cfa-terms"), Has.All.EqualTo(1 / (1 + 3.0)).Within(1e-15), "c is beta / (1 + beta)");
        Assert.That(made.Get("cfa-hits"), Has.All.Zero, "the next epoch counts its own images");

        made.Set("cfa-hits", second);
        made.Step.Method.EndEpoch(new EpochClasses(2, 40, [], [], []));

        Assert.That(made.Budget[..K], Has.All.EqualTo(0.5 + 0.25).Within(1e-15));
        Assert.That(made.Get("cfa-terms")[..K], Has.All.EqualTo(1 / (1 + 0.75 * 3)).Within(1e-15));
    }

    [TestCase("none", true, true)]
    [TestCase("ccm=0", false, true)]
    [TestCase("ccr=0", true, false)]
    [TestCase("ccm=0,ccr=0", false, false)]
    public void Cfa_PartSwitchedOff_LeavesWhatItWouldChange(string set, bool isMargin, bool isBalance)
    {
        using var made = new Made(Spec(ClassWeightKind.Cfa, LossKind.Trades, Norm.Linf, set));
        made.Set("cfa-hits", [.. Enumerable.Repeat(1.0, K), .. Enumerable.Repeat(4.0, K)]);

        made.Step.Method.EndEpoch(new EpochClasses(1, 10, [], [], []));

        var terms = made.Get("cfa-terms");
        var (margin, pull) = (isMargin ? 0.75 : 1, isBalance ? 0.75 * 3 / (1 + 0.75 * 3) : 3 / (1 + 3.0));
        Assert.That(made.Budget[..K], Has.All.EqualTo(margin).Within(1e-15), "radii");
        Assert.That(terms[K..], Has.All.EqualTo(pull / 3).Within(1e-15), "KL, over beta");
        Assert.That(terms[..K], Has.All.EqualTo(1 - pull).Within(1e-15), "clean");
    }

    private static double[] Factors(ClassWeightKind kind, string name, Made made)
    {
        double[] factors = TestValues.Uniform(kind == ClassWeightKind.Cfa ? 2 * K : K, 7, 0.2, 1.7);
        made.Set(name, factors);
        return factors;
    }

    private static StepSpec Spec(ClassWeightKind kind, LossKind loss, Norm norm, string set = "none") => StripedNetwork.StepSpec(Batch, loss) with
    {
        ClassWeights = new ClassWeightSpec { Kind = kind, Numbers = MethodNumbers.Parse(set, "test") },
        Norm = norm, Epsilon = Epsilon, StepSize = 0.04, AttackSteps = 3, Start = AttackStart.Uniform, Momentum = 0, WeightDecay = 0, Beta = 3,
    };

    /// <summary>A network in double, one batch, and the step on them.</summary>
    private sealed class Made : IDisposable
    {
        private readonly CpuDevice _device = Device.Cpu(new CpuOptions { Threads = 1 });
        private readonly Network _network;

        public Made(StepSpec spec, double rate = 0)
        {
            _network = Network.Create(StripedNetwork.Spec, _device, seed: 3, DType.Float64);
            var images = Data.SyntheticDataset.Create(SmallData.Images(seed: 5, train: 60), Data.DatasetSplit.Train);
            Labels = SmallData.Labels(images)[..Batch];
            Step = new StepProgram(_network, spec);
            Step.Tensors.Pixels.CopyFrom<byte>(SmallData.Pixels(images).AsSpan(0, Batch * images.Shape.Bytes));
            Step.Tensors.Labels.CopyFrom<int>(Labels);
            Step.Tensors.SampleIds.CopyFrom<int>(Enumerable.Range(0, Batch).ToArray());
            Step.Tensors.SetLearningRate(rate);
        }

        public StepProgram Step { get; }

        public int[] Labels { get; }

        public double[] Risk => Step.Tensors.Record.Table.ToArray<double>()[(StepRecord.RiskRow * K)..((StepRecord.RiskRow + 1) * K)];

        public double[] Budget => Step.Method.Budget!.ToArray<double>();

        public double[] Weights
        {
            get => _network.Weights.ToArray<double>();
            set => _network.Weights.CopyFrom<double>(value);
        }

        public void Set(string name, double[] values) => State(name).CopyFrom<double>(values);

        public double[] Get(string name) => State(name).ToArray<double>();

        public void Dispose()
        {
            Step.Dispose();
            _network.Dispose();
            _device.Dispose();
        }

        private Tensor State(string name) => Step.Method.State.Single(t => t.Name == name);
    }
}
