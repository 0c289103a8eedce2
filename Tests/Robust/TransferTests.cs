using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Interop;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Images made on another network: what they break, and what the check says of it.</summary>
internal sealed class TransferTests
{
    private StripedNetwork _plain = null!; // set before the first test

    [OneTimeSetUp]
    public void Train() => _plain = StripedNetwork.Train();

    [Test]
    public void Run_OnTheNetworkItself_BreaksWhatItsAttackBreaks()
    {
        using var device = Device.Cpu();
        using var network = _plain.On(device);
        using var twin = _plain.On(device);

        var outcomes = Outcomes(network, twin, 20, "pgd-20");

        var (direct, transferred) = (outcomes.Attacks[0].Outcome, outcomes.Attacks[1].Outcome);
        Assert.That(transferred.Correct, Is.EqualTo(direct.Correct));
        Assert.That(transferred.Predicted, Is.EqualTo(direct.Predicted));
        Assert.That(transferred.Loss, Is.EqualTo(direct.Loss));
        Assert.That(transferred.Correct.Count(c => !c), Is.GreaterThan(outcomes.Clean.Correct.Count(c => !c)), "it breaks some");
        Assert.That(TransferCheck.Judge(outcomes)!.Verdict, Is.EqualTo(CheckVerdict.Pass));
    }

    [Test]
    public void Run_AnotherNetwork_IsJudgedAtItsImages()
    {
        using var device = Device.Cpu();
        using var network = _plain.On(device);
        using var surrogate = Another(device);

        var outcome = Outcomes(network, surrogate, 20).Attacks[0].Outcome;

        using var maker = new AttackProgram(surrogate, AttackSpec.Of(Transfer()), _plain.Test.Count, seed: 0);
        using var scorer = new AttackProgram(network, null, _plain.Test.Count, seed: 0);
        int[] all = [.. Enumerable.Range(0, _plain.Test.Count)];
        new ImageSource(_plain.Test, all.Length).Load(all, maker);
        maker.Run();
        scorer.Clean.CopyFrom<float>(maker.Iterate.ToArray<float>());
        scorer.Score();
        var predicted = scorer.Predicted.ToArray<int>();
        var clean = Clean(network);
        foreach (var i in all)
        {
            Assert.That(outcome.Correct[i], Is.EqualTo(clean.Correct[i] && predicted[i] == _plain.Test.Label(i)), $"image {i}");
            if (clean.Correct[i]) Assert.That(outcome.Step[i], Is.EqualTo(outcome.Correct[i] ? AttackOutcome.Never : 20), $"image {i}");
        }
    }

    [Test]
    public void Run_AnyBatch_GivesTheSameOutcomes([Values(1, 7, 64)] int batch)
    {
        using var device = Device.Cpu();
        using var network = _plain.On(device);
        using var surrogate = Another(device);

        var (one, other) = (Outcomes(network, surrogate, batch).Attacks[0].Outcome, Outcomes(network, surrogate, 20).Attacks[0].Outcome);

        Assert.That(one.Correct, Is.EqualTo(other.Correct));
        Assert.That(one.Margin, Is.EqualTo(other.Margin));
        Assert.That(one.Loss, Is.EqualTo(other.Loss));
    }

    [Test]
    public void Check_HiddenGradients_AreNamed()
    {
        using var device = Device.Cpu();
        using var masked = _plain.On(device);
        using var twin = _plain.On(device);
        foreach (var (_, parameter) in masked.Parameters.Where(p => p.Name.StartsWith("linear", StringComparison.Ordinal)))
            parameter.Value.CopyFrom<float>(Array.ConvertAll(parameter.Value.ToArray<float>(), w => 1e4f * w));

        var outcomes = Outcomes(masked, twin, 20, "pgd-10", eps: "0.15");
        var found = MaskingChecks.Run(masked, outcomes, EvaluationRun.Results(outcomes)).Single(c => c.Name == TransferCheck.Name);

        Assert.That(found.Verdict, Is.EqualTo(CheckVerdict.Fail), found.Detail);
        Assert.That(found.Detail, Does.StartWith("transfer breaks").And.Contain("pgd-10 left right").And.Contain("gradients are hidden"));
    }

    [Test]
    public void Check_SoundNetworks_RaiseNoAlarm()
    {
        using var device = Device.Cpu();
        using var network = _plain.On(device);
        using var surrogate = Another(device);

        var outcomes = Outcomes(network, surrogate, 20, "pgd-20");
        var rows = EvaluationRun.Results(outcomes);

        var checks = MaskingChecks.Run(network, outcomes, rows);
        Assert.That(checks.Select(c => c.Name), Does.Contain("transfer").And.Not.Contain("black-box"));
        Assert.That(checks.Select(c => c.Verdict), Has.All.EqualTo(CheckVerdict.Pass), string.Join(Environment.NewLine, checks));
        Assert.That(rows.Select(r => r.Name), Is.EqualTo(new[] { "pgd-20", "transfer", "worst-of-all" }));
        Assert.That(rows[1].Telemetry, Is.Null, "the network is looked at once");
    }

    [Test]
    public void Key_OfAnotherSurrogate_IsAnother()
    {
        using var device = Device.Cpu();
        using var network = _plain.On(device);
        using var surrogate = Another(device);
        string Key(Network? other) => EvaluationKey.Of(network, _plain.Test, [Transfer()], 0, other);

        Assert.That(new[] { Key(null), Key(network), Key(surrogate) }, Is.Unique);
        Assert.That(Key(surrogate), Is.EqualTo(Key(surrogate)));
    }

    [Test]
    public void Run_WithoutASurrogate_SaysWhatIsMissing()
    {
        using var device = Device.Cpu();
        using var network = _plain.On(device);
        using var evaluator = new Evaluator(network, new EvaluatorOptions());

        var error = Assert.Throws<CodatException>(() => EvaluationRun.Outcomes(evaluator, _plain.Test, [Transfer()]));

        Assert.That(error!.Message, Does.Contain("--surrogate"));
    }

    [Test]
    [Category(CudaTestDevice.Category)]
    public void Run_OnCuda_GivesTheOutcomesOfTheProcessor()
    {
        using var cpu = Device.Cpu();
        using var cuda = CudaTestDevice.CreateDevice();
        AttackOutcome Outcome(Device device)
        {
            using var network = _plain.On(device);
            using var surrogate = Another(device);
            return Outcomes(network, surrogate, 20, images: 20).Attacks[0].Outcome;
        }

        var (here, there) = (Outcome(cpu), Outcome(cuda));

        Assert.That(there.Correct, Is.EqualTo(here.Correct));
        Assert.That(there.Loss, Is.EqualTo(here.Loss).Within(1e-3f));
    }

    /// <summary>The same data learned from other weights.</summary>
    private static Network Another(Device device) => s_another.Value.On(device);

    private static readonly Lazy<StripedNetwork> s_another = new(() => StripedNetwork.Train("medium-cnn"));

    private static ResolvedAttack Transfer(string eps = "0.03") =>
        TransferAttack.Of(Norm.Linf, Magnitude.Parse(eps, "test"), Magnitude.Parse("0.01", "test"));

    private AttackOutcome Clean(Network network)
    {
        using var evaluator = new Evaluator(network, new EvaluatorOptions());
        return evaluator.Clean(_plain.Test);
    }

    private EvaluationOutcomes Outcomes(Network network, Network surrogate, int batch, string? attack = null, int? images = null,
        string eps = "0.03")
    {
        using var evaluator = new Evaluator(network, new EvaluatorOptions { Telemetry = true, Batch = batch, Surrogate = surrogate });
        ResolvedAttack[] first = attack is null ? [] : [StripedNetwork.Attack(attack, eps: eps, step: "0.01")];
        return EvaluationRun.Outcomes(evaluator, Subset.First(_plain.Test, images ?? _plain.Test.Count), [.. first, Transfer(eps)]);
    }
}
