using Codat.Native.Autograd;
using Codat.Native.Interop;
using Codat.Native.Layers;
using Codat.Native.Robust;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Evidence files, kept progress, and evaluations that end when a statement is decided.</summary>
internal sealed class EvidenceTests
{
    private const string Eps = "0.012";

    private static readonly string[] s_names = ["clean", "pgd-2x3@0.005", "cw-2"];

    private StripedNetwork _trained = null!; // set before the first test

    [OneTimeSetUp]
    public void Train() => _trained = StripedNetwork.Train();

    private static ResolvedAttack[] Attacks => [.. s_names.Select(name => StripedNetwork.Attack(name, eps: Eps))];

    [Test]
    public void Write_Outcomes_IsALinePerImageAsTheContractSays()
    {
        using var folder = new TempFolder();
        var outcomes = Evaluate(Attacks);
        var path = folder.File("rows.csv");

        EvidenceFile.Write(path, outcomes);

        var lines = File.ReadAllLines(path);
        Assert.That(lines[0], Is.EqualTo("id,class,clean,pgd-2x3@0.005,cw-2,worst-of-all,"
            + "pgd-2x3@0.005.step,pgd-2x3@0.005.margin,cw-2.step,cw-2.margin"));
        Assert.That(lines, Has.Length.EqualTo(_trained.Test.Count + 1));
        var (pgd, cw) = (outcomes.Attacks[1].Outcome, outcomes.Attacks[2].Outcome);
        for (var i = 0; i < _trained.Test.Count; i++)
        {
            var right = new[] { outcomes.Clean.Correct[i], pgd.Correct[i], cw.Correct[i], pgd.Correct[i] && cw.Correct[i] };
            var bits = string.Join(',', right.Select(r => r ? 1 : 0));
            Assert.That(lines[i + 1], Is.EqualTo(
                FormattableString.Invariant($"{i},{_trained.Test.Label(i)},{bits},{pgd.Step[i]},{pgd.Margin[i]},{cw.Step[i]},{cw.Margin[i]}")));
        }
    }

    [Test]
    public void Read_WrittenFile_GivesItsColumnsBack()
    {
        using var folder = new TempFolder();
        var outcomes = Evaluate(Attacks);
        EvidenceFile.Write(folder.File("rows.csv"), outcomes);

        var read = EvidenceFile.Read(folder.File("rows.csv"));

        Assert.That(read.Attacks, Is.EqualTo(new[] { "clean", "pgd-2x3@0.005", "cw-2", "worst-of-all" }));
        Assert.That(read.Classes, Is.EqualTo(SmallData.Labels(_trained.Test)));
        Assert.That(read.Column("cw-2")!.Value.ToArray(), Is.EqualTo(outcomes.Attacks[2].Outcome.Correct));
        Assert.That(read.Column("fgsm"), Is.Null);
    }

    [TestCase("", "line 1")]
    [TestCase("id,class,clean,pgd-2\n", "line 1")]
    [TestCase("id,class,clean,worst-of-all\n0,1,1,1\n1,1,2,1\n", "line 3")]
    [TestCase("id,class,clean,worst-of-all\n0,1,1\n", "line 2")]
    public void Read_NoEvidence_NamesTheLine(string text, string where)
    {
        using var folder = new TempFolder();
        var path = folder.Write("rows.csv", text);

        Assert.That(() => EvidenceFile.Read(path), Throws.TypeOf<CodatException>().With.Message.Contains(where));
    }

    [Test]
    public void Outcomes_StoppedAtAnyBatch_ContinueAndEndInTheSameBytes()
    {
        using var folder = new TempFolder();
        EvidenceFile.Write(folder.File("whole.csv"), Evaluate(Attacks));
        var whole = File.ReadAllBytes(folder.File("whole.csv"));
        var batches = 0;
        Evaluate(Attacks, after: _ => batches++);
        Assert.That(batches, Is.GreaterThan(10));

        for (var stop = 1; stop <= batches; stop++)
        {
            var state = folder.File($"state{stop}");
            var count = 0;
            Assert.Throws<OperationCanceledException>(() => Kept(state, batch: 16, _ =>
            {
                if (++count == stop) throw new OperationCanceledException("stopped like a kill");
            }));
            var made = 0;
            // The rest with another batch size and number of threads.
            var outcomes = Kept(state, batch: 9, _ => made++, threads: 2);
            EvidenceFile.Write(folder.File("pieces.csv"), outcomes);

            Assert.That(File.ReadAllBytes(folder.File("pieces.csv")), Is.EqualTo(whole), $"stopped after batch {stop}");
            if (stop == batches) Assert.That(made, Is.Zero, "nothing is left to do");
        }
    }

    [Test]
    public void Store_OfAnotherEvaluationOrDamaged_CountsAsNotThere()
    {
        using var folder = new TempFolder();
        var state = folder.File("state");
        var expected = Kept(state, 16, _ => { });
        var all = 0;

        Kept(state, 16, _ => all++, seed: 4);
        Assert.That(all, Is.GreaterThan(10), "another seed starts over");

        Kept(state, 16, _ => { });
        foreach (var file in Directory.GetFiles(state).Where(f => Path.GetFileName(f) != "lock"))
        {
            var bytes = File.ReadAllBytes(file);
            bytes[^40] ^= 1;
            File.WriteAllBytes(file, bytes);
        }
        var again = 0;
        var found = Kept(state, 16, _ => again++);
        Assert.That(again, Is.EqualTo(all), "damaged files are not believed");
        Assert.That(found.Attacks[1].Outcome.Margin, Is.EqualTo(expected.Attacks[1].Outcome.Margin));
    }

    [Test]
    public void Store_OpenInAnotherHand_IsRefused()
    {
        using var folder = new TempFolder();
        var key = new string('0', 64);
        using var first = EvaluationStore.Open(folder.File("s"), key, Attacks);

        Assert.That(() => EvaluationStore.Open(folder.File("s"), key, Attacks), Throws.TypeOf<CodatException>());
        File.WriteAllText(folder.File("file"), "");
        Assert.That(() => EvaluationStore.Open(folder.File("file"), key, Attacks), Throws.TypeOf<CodatException>());
    }

    [Test]
    public void Key_DependsOnWeightsImagesAttacksAndSeed_NotOnMore()
    {
        using var device = Device.Cpu();
        using var network = _trained.On(device);
        var images = _trained.Test;
        var key = EvaluationKey.Of(network, images, Attacks, 1);

        using var other = Device.Cpu(new CpuOptions { Threads = 3 });
        using var same = _trained.On(other);
        Assert.That(EvaluationKey.Of(same, images, Attacks, 1), Is.EqualTo(key));
        Assert.That(EvaluationKey.Of(network, images, Attacks, 2), Is.Not.EqualTo(key));
        Assert.That(EvaluationKey.Of(network, images, Attacks[..2], 1), Is.Not.EqualTo(key));
        Assert.That(EvaluationKey.Of(network, Data.Subset.First(images, 60), Attacks, 1), Is.Not.EqualTo(key));
        Assert.That(EvaluationKey.Of(network, images, [.. s_names.Select(n => StripedNetwork.Attack(n, eps: "0.0121"))], 1), Is.Not.EqualTo(key));
        var weights = network.Weights.ToArray<float>();
        weights[0] = MathF.BitIncrement(weights[0]);
        network.Weights.CopyFrom<float>(weights);
        Assert.That(EvaluationKey.Of(network, images, Attacks, 1), Is.Not.EqualTo(key));
    }

    [TestCase("worst >= 0", true)]
    [TestCase("worst>=0.99", false)]
    [TestCase("average <= 0.02", false)]
    [TestCase("class:2 <= 1", true)]
    public void Budget_Decided_SaysWhatTheWholeEvaluationSays(string claim, bool expected)
    {
        var decision = Budget(claim, out var batches).Decision;

        Assert.That(decision.Decided, Is.EqualTo(expected));
        var whole = Evaluate(Attacks);
        var worst = EvaluationRun.Summarise("", _trained.Test, whole.WorstOfAll()).Accuracy;
        var all = 0;
        Evaluate(Attacks, after: _ => all++);
        Assert.That(batches, Is.LessThan(all), "decided before the end");
        for (var k = 0; k < SmallData.Classes; k++)
            Assert.That(worst.PerClass[k].Accuracy, Is.InRange(decision.Lower[k], decision.Upper[k]));
    }

    [Test]
    public void Budget_AroundTheTrueValue_DecidesBothWays()
    {
        var whole = Evaluate(Attacks);
        var truth = EvaluationRun.Summarise("", _trained.Test, whole.WorstOfAll()).Accuracy;
        var subjects = truth.PerClass.Select(c => ($"class:{c.Class}", c.Accuracy)).Append(("worst", truth.Worst)).Append(("average", truth.Average))
            .Where(s => s.Item2 is > 0 and < 1).ToArray();
        Assert.That(subjects, Is.Not.Empty, "the case is of no use if nothing lies between");
        foreach (var (subject, value) in subjects)
        {
            var (below, above) = (FormattableString.Invariant($"{value - 1e-6:F9}"), FormattableString.Invariant($"{value + 1e-6:F9}"));
            Assert.That(Budget($"{subject} >= {below}", out _).Decision.Decided, Is.True);
            Assert.That(Budget($"{subject} >= {above}", out _).Decision.Decided, Is.False);
            Assert.That(Budget($"{subject} <= {above}", out _).Decision.Decided, Is.True);
            Assert.That(Budget($"{subject} <= {below}", out _).Decision.Decided, Is.False);
        }
    }

    [Test]
    public void Budget_NeedingEverything_HasTheRowsOfAWholeEvaluation()
    {
        var truth = EvaluationRun.Results(Evaluate(Attacks));
        var value = FormattableString.Invariant($"{truth[^1].Accuracy.Average:R}");

        var (decision, rows) = Budget($"average >= {value}", out _);

        Assert.That(decision.Decided, Is.True);
        Assert.That(rows.Select(r => r.Name).Take(2), Is.EqualTo(new[] { "clean", "pgd-2x3@0.005" }));
        Assert.That(rows[1].Accuracy.PerClass, Is.EqualTo(truth[1].Accuracy.PerClass));
        Assert.That(rows.Select(r => r.Name), Does.Not.Contain("cw-2"), "it ran on survivors only");
    }

    [TestCase("worst")]
    [TestCase("worst > 0.3")]
    [TestCase("worst >= 30")]
    [TestCase("class:x >= 0.3")]
    [TestCase("best >= 0.3")]
    [TestCase(">= 0.3")]
    public void Claim_Malformed_IsRefused(string text) =>
        Assert.That(() => AccuracyClaim.Parse(text, "--until-decided"),
            Throws.TypeOf<CodatException>().With.Message.Contains("--until-decided"));

    [Test]
    public void Budget_OfAClassThatIsNotThere_IsRefusedBeforeAnyWork() =>
        Assert.That(() => Budget("class:4 >= 0.3", out _), Throws.TypeOf<CodatException>().With.Message.Contains("class:0 to class:3"));

    private (Decision Decision, IReadOnlyList<AttackResult> Rows) Budget(string claim, out int batches)
    {
        using var device = Device.Cpu();
        using var network = _trained.On(device);
        var count = 0;
        var options = new EvaluatorOptions { Batch = 16, AfterBatch = _ => count++ };
        var result = BudgetedEvaluation.Run(network, options, _trained.Test, Attacks, AccuracyClaim.Parse(claim, "test"));
        batches = count;
        return result;
    }

    private EvaluationOutcomes Evaluate(ResolvedAttack[] attacks, Action<AttackProgress>? after = null)
    {
        using var device = Device.Cpu();
        using var network = _trained.On(device);
        using var evaluator = new Evaluator(network, new EvaluatorOptions { Batch = 16, AfterBatch = after });
        return EvaluationRun.Outcomes(evaluator, _trained.Test, attacks);
    }

    /// <summary>An evaluation that keeps its progress after every batch.</summary>
    private EvaluationOutcomes Kept(string state, int batch, Action<AttackProgress> after, ulong seed = 0, int threads = 1)
    {
        using var device = Device.Cpu(new CpuOptions { Threads = threads });
        using var network = _trained.On(device);
        var opened = EvaluationStore.Open(state, EvaluationKey.Of(network, _trained.Test, Attacks, seed), Attacks, TimeSpan.Zero);
        using (opened)
        using (var evaluator = new Evaluator(network, new EvaluatorOptions
        {
            Batch = batch, Seed = seed, AfterBatch = p =>
            {
                opened.AfterBatch(p);
                after(p);
            },
        }))
            return EvaluationRun.Outcomes(evaluator, _trained.Test, Attacks, opened);
    }
}
