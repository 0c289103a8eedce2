using Codat.Native.Autograd;
using Codat.Native.Autograd.Cpu;
using Codat.Native.Data;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Planted defects are named by their checks, and sound networks raise no alarm.</summary>
internal sealed class MaskingChecksTests
{
    private static readonly string[] s_all = ["random-outputs", "batch-dependence", "zero-gradients", "huge-logits", "loss-rise", "pgd-against-apgd",
        "black-box", "norm-audit"];

    private StripedNetwork _plain = null!, _normed = null!; // set before the first test

    [OneTimeSetUp]
    public void Train() => (_plain, _normed) = (StripedNetwork.Train(), StripedNetwork.Train(module: Normed));

    [Test]
    public void Run_QuantisedInput_NamesZeroGradients()
    {
        using var device = Device.Cpu();
        using var network = _plain.On(device, plant: inner => new QuantisedInput(inner));

        var alarms = Alarms(Check(network, "pgd-10"));

        Assert.That(alarms.Keys, Is.EquivalentTo(new[] { "zero-gradients", "loss-rise" }), "the loss cannot rise then either");
        Assert.That(alarms["zero-gradients"].Detail, Does.Contain("zero for 40 of 40 images"));
        Assert.That(alarms.Values.Select(a => a.Verdict), Has.All.EqualTo(CheckVerdict.Fail));
    }

    [TestCaseSource(nameof(Devices))]
    public void Run_BatchNormInTrainingMode_NamesBatchDependence(TestDevice target)
    {
        using var device = target.Create();
        using var network = _normed.On(device, plant: inner => new AlwaysTraining(inner));

        var alarms = Alarms(Check(network, "pgd-10"));

        Assert.That(alarms.Keys, Is.EquivalentTo(new[] { "batch-dependence" }));
        Assert.That(alarms["batch-dependence"].Detail, Does.Contain("running statistics"));
    }

    [Test]
    public void Run_NoisyNetwork_NamesRandomOutputs()
    {
        using var device = Device.Cpu(new CpuOptions { Threads = 1 });
        using var counter = device.Allocate(DType.Int32, new Shape(1), "counter");
        counter.CopyFrom<int>([0]);
        using var network = _plain.On(device, plant: inner => new NoisyInput(inner, counter));

        var alarms = Alarms(Check(network, "pgd-10"));

        Assert.That(alarms.Keys, Is.EquivalentTo(new[] { "random-outputs" }));
        Assert.That(alarms["random-outputs"].Detail, Does.Contain("the logits of 40 of 40 images"));
    }

    [TestCaseSource(nameof(Devices))]
    public void Run_LogitsTimesTenThousand_NamesHugeLogits(TestDevice target)
    {
        using var device = target.Create();
        using var network = _plain.On(device);
        var linear = network.Parameters.Where(p => p.Name.StartsWith("linear", StringComparison.Ordinal)).ToArray();
        Assert.That(linear, Has.Length.EqualTo(2));
        foreach (var (_, parameter) in linear) parameter.Value.CopyFrom<float>(Array.ConvertAll(parameter.Value.ToArray<float>(), w => 1e4f * w));

        var alarms = Alarms(Check(network, "pgd-10"));

        Assert.That(alarms.Keys, Does.Contain("huge-logits"));
        Assert.That(alarms.Keys, Does.Not.Contain("zero-gradients"), "the network passes gradients on");
        Assert.That(alarms["huge-logits"].Detail, Does.Contain("cw-K"));
    }

    [Test]
    [Category("Slow")]
    public void Run_SoundNetworks_RaiseNoAlarm([Values("small-cnn", "medium-cnn", "mlp", "normed")] string model)
    {
        var trained = model == "normed" ? _normed : StripedNetwork.Train(model);
        using var device = Device.Cpu();
        using var network = trained.On(device);

        var checks = Check(network, "fgsm,pgd-50,cw-10,apgd-ce,apgd-dlr,square");

        Assert.That(checks.Select(c => c.Name), Is.EqualTo(s_all), "every check is made");
        Assert.That(checks.Select(c => c.Verdict), Has.All.EqualTo(CheckVerdict.Pass), string.Join(Environment.NewLine, checks));
        Assert.That(CheckResult.Sum(checks), Is.EqualTo("sound"));
    }

    [TestCase(0, 0, ExpectedResult = CheckVerdict.Pass)]
    [TestCase(2, 0, ExpectedResult = CheckVerdict.Pass)]
    [TestCase(4, 20, ExpectedResult = CheckVerdict.Warn)]
    [TestCase(6, 30, ExpectedResult = CheckVerdict.Fail)]
    [TestCase(9, 0, ExpectedResult = CheckVerdict.Fail)]
    public CheckVerdict BlackBox_OfAHundredImages_FollowsWhatOnlySquareBreaks(int onlySquare, int onlyGradients) =>
        BlackBoxCheck.Judge(Outcomes("pgd-20", "square", onlySquare, onlyGradients))!.Verdict;

    [Test]
    public void BlackBox_AgainstShortAttacksOnly_IsNotJudged() =>
        Assert.That(BlackBoxCheck.Judge(Outcomes("fgsm", "square", 50, 0)), Is.Null);

    [Test]
    public void BlackBox_OfAutoAttack_CountsWhatItsLastPartBreaks()
    {
        var images = Images(100);
        var attack = StripedNetwork.Attack("autoattack");
        var before = AttackStage.Of(attack, images.Classes)[^1].StepsBefore;
        var (clean, outcome) = (Outcome(100), Outcome(100));
        for (var i = 0; i < 6; i++) (outcome.Correct[i], outcome.Step[i]) = (false, before + 1 + i);
        for (var i = 10; i < 30; i++) (outcome.Correct[i], outcome.Step[i]) = (false, before - i);

        var found = BlackBoxCheck.Judge(new EvaluationOutcomes(images, clean, [(attack, outcome)]))!;

        Assert.That(found.Verdict, Is.EqualTo(CheckVerdict.Fail));
        Assert.That(found.Detail, Does.StartWith("square breaks 6 of 100 images"));
    }

    [TestCase("apgd-ce", 4, 0, ExpectedResult = CheckVerdict.Pass)]
    [TestCase("apgd-ce", 12, 0, ExpectedResult = CheckVerdict.Fail)]
    [TestCase("apgd-ce", 12, 9, ExpectedResult = CheckVerdict.Pass)]
    [TestCase("apgd-t", 9, 0, ExpectedResult = CheckVerdict.Pass)]
    [TestCase("apgd-t", 15, 0, ExpectedResult = CheckVerdict.Fail)]
    public CheckVerdict PgdAgainstApgd_OfAHundredImages_FollowsTheLead(string apgd, int onlyApgd, int onlyPgd) =>
        WeakPgdCheck.Judge(Outcomes("pgd-100", apgd, onlyApgd, onlyPgd))!.Verdict;

    [Test]
    public void PgdAgainstApgd_WithShortPgd_IsNotJudged() =>
        Assert.That(WeakPgdCheck.Judge(Outcomes("pgd-20", "apgd-ce", 50, 0)), Is.Null);

    [TestCase(0.1, 0.5, 1.0, ExpectedResult = CheckVerdict.Pass)]
    [TestCase(0.1, 1.0, 0.9, ExpectedResult = CheckVerdict.Pass)]
    [TestCase(0.1, 0.1, 0.1, ExpectedResult = CheckVerdict.Fail)]
    [TestCase(0.1, 0.3, 0.0, ExpectedResult = CheckVerdict.Fail)]
    [TestCase(0.1, 2.0, 0.8, ExpectedResult = CheckVerdict.Warn)]
    public CheckVerdict LossRise_OfACurve_FollowsItsEnd(double start, double middle, double end)
    {
        var curves = new StepCurves([9, 9, 9], [start, middle, end], [0, 0, 0], null, null, null, null);
        var row = Row("pgd-2") with { Telemetry = [new PartTelemetry("pgd-2", [0, 1, 2], curves, [])] };

        return LossRiseCheck.Judge([row], [StripedNetwork.Attack("pgd-2")])!.Verdict;
    }

    [Test]
    public void NormAudit_ImagesOutside_AreNamedWithTheirDistance()
    {
        var eps = Magnitude.Parse("0.1", "test");
        var inside = Row("pgd-2") with { Change = new ChangeAudit(0.1, 0.102, 0, 7, 5, 4) };
        var outside = Row("cw-2") with { Change = new ChangeAudit(0.125, 0.13, 3, 3, 5, 5) };

        var (sound, found) = (NormAuditCheck.Judge([inside], eps)!, NormAuditCheck.Judge([inside, outside], eps)!);

        Assert.That(sound.Verdict, Is.EqualTo(CheckVerdict.Pass));
        Assert.That(sound.Detail, Does.Contain("0.102").And.Contain("4 stay so"));
        Assert.That(found.Verdict, Is.EqualTo(CheckVerdict.Fail));
        Assert.That(found.Detail, Does.Contain("3 images of cw-2").And.Contain("0.125"));
        Assert.That(NormAuditCheck.Judge([Row("pgd-2")], eps), Is.Null, "without telemetry there is nothing to audit");
    }

    [Test]
    public void NormAudit_OfImagesPushedOutOfTheBall_CountsThem()
    {
        var attack = StripedNetwork.Attack("pgd-2", eps: "0.06");
        var outcome = Outcome(5);
        outcome.Telemetry = new AttackTelemetry(5, 4, 768, [2]);
        float[] distances = [0.06f, 0.0600001f, 0.0601f, 0.07f, float.NaN];
        distances.CopyTo(outcome.Telemetry.Distance, 0);
        distances.CopyTo(outcome.Telemetry.RoundedDistance, 0);

        var row = TelemetrySummary.Add(Row("pgd-2"), Images(5), attack, outcome);

        Assert.That(row.Change!.Outside, Is.EqualTo(2));
        Assert.That(row.Change.Most, Is.EqualTo(0.07).Within(1e-8));
    }

    [Test]
    public void Run_WithoutAnAttack_MakesNoChecks()
    {
        using var device = Device.Cpu();
        using var network = _plain.On(device);

        Assert.That(Check(network, "clean"), Is.Empty);
    }

    [Test]
    public void Run_OneImage_LeavesOutWhatNeedsNeighbours()
    {
        using var device = Device.Cpu();
        using var network = _plain.On(device);

        var checks = Check(network, "pgd-3", images: 1);

        Assert.That(checks.Select(c => c.Name), Does.Contain("random-outputs").And.Not.Contain("batch-dependence"));
    }

    /// <summary>For the defects that need no op of their own.</summary>
    private static IEnumerable<TestCaseData> Devices()
    {
        yield return new TestCaseData(new TestDevice("cpu", CpuVectors.Best));
        // Where there is none, one test says so: see CudaAvailabilityTests.
        if (CudaTestDevice.WhyNot is null)
            yield return new TestCaseData(new TestDevice("cuda", CpuVectors.Best, IsCuda: true)).SetCategory(CudaTestDevice.Category);
    }

    private static Module Normed() => new SmallNormed(3, SmallData.Classes);

    private IReadOnlyList<CheckResult> Check(Network network, string attacks, int images = 40)
    {
        using var evaluator = new Evaluator(network, new EvaluatorOptions { Telemetry = true, Batch = 20 });
        var outcomes = EvaluationRun.Outcomes(evaluator, Subset.First(_plain.Test, images),
            [.. attacks.Split(',').Select(a => StripedNetwork.Attack(a, eps: "0.03", step: a == "pgd-50" ? "0.003" : "0.01"))]);
        return MaskingChecks.Run(network, outcomes, EvaluationRun.Results(outcomes));
    }

    private static Dictionary<string, CheckResult> Alarms(IReadOnlyList<CheckResult> checks) =>
        checks.Where(c => c.Verdict != CheckVerdict.Pass).ToDictionary(c => c.Name);

    private static MemoryDataset Images(int count) => SyntheticDataset.Create(SmallData.Images(seed: 5, train: 20, test: count), DatasetSplit.Test);

    /// <summary>Everything right.</summary>
    private static AttackOutcome Outcome(int count)
    {
        var outcome = new AttackOutcome(count);
        Array.Fill(outcome.Correct, true);
        Array.Fill(outcome.Step, AttackOutcome.Never);
        return outcome;
    }

    /// <summary>A hundred images: some that only the second attack breaks, some that only the first does, twenty that both break.</summary>
    private static EvaluationOutcomes Outcomes(string first, string second, int onlySecond, int onlyFirst)
    {
        var (one, two) = (Outcome(100), Outcome(100));
        for (var i = 0; i < onlySecond + onlyFirst + 20; i++)
        {
            one.Correct[i] = i < onlySecond;
            two.Correct[i] = i >= onlySecond && i < onlySecond + onlyFirst;
        }
        return new EvaluationOutcomes(Images(100), Outcome(100), [(StripedNetwork.Attack(first), one), (StripedNetwork.Attack(second), two)]);
    }

    private static AttackResult Row(string name) =>
        new(name, null, null, ClassAccuracy.Of(["a", "b", "c", "d"], new long[4], new long[4], new double[4]));
}
