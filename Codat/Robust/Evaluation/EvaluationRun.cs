using System.Diagnostics;
using Codat.Native.Data;

namespace Codat.Native.Robust;

/// <summary>A list of attacks on one split, summed up by class.</summary>
public static class EvaluationRun
{
    /// <summary>The name of the row that joins all attacks.</summary>
    public const string WorstOfAll = "worst-of-all";

    /// <summary>
    /// Runs the attacks in order, each on its own, and adds the row of the worst of all where there is more than one.
    /// </summary>
    public static IReadOnlyList<AttackResult> Run(
        Evaluator evaluator, IDataset images, IReadOnlyList<ResolvedAttack> attacks,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(attacks);
        var clean = evaluator.Clean(images, cancellation);
        var results = new List<AttackResult>();
        AttackOutcome? worst = null;
        var joined = 0;
        foreach (var attack in attacks)
        {
            var outcome = evaluator.Attack(images, attack, clean, cancellation);
            results.Add(Summarise(attack.Name, images, outcome,
                attack.Kind is AttackKind.Clean or AttackKind.Fgsm ? null : attack.Step.Value,
                attack.Kind is AttackKind.Clean or AttackKind.Fgsm ? null : attack.Restarts));
            if (attack.Kind == AttackKind.Clean) continue;
            joined++;
            worst = Join(worst, outcome, images.Count);
        }
        if (joined > 1 && worst is not null) results.Add(Summarise(WorstOfAll, images, worst, null, null));
        return results;
    }

    /// <summary>Counts, accuracies, intervals, risks and the flow matrix of one outcome.</summary>
    public static AttackResult Summarise(
        string name, IDataset images, AttackOutcome outcome, double? step = null, int? restarts = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(outcome);
        var k = images.Classes;
        var n = new long[k];
        var correct = new long[k];
        var risk = new double[k];
        var flow = new long[k * k];
        for (var i = 0; i < images.Count; i++)
        {
            var label = images.Label(i);
            n[label]++;
            if (outcome.Correct[i]) correct[label]++;
            risk[label] += outcome.Loss[i];
            if (outcome.Predicted[i] >= 0) flow[label * k + outcome.Predicted[i]]++;
        }
        for (var c = 0; c < k; c++) risk[c] = n[c] == 0 ? double.NaN : risk[c] / n[c];
        var accuracy = ClassAccuracy.Of(images.ClassNames, n, correct, risk);
        return new AttackResult(name, step, restarts, accuracy) { Flow = flow };
    }

    /// <summary>Wraps results in what <c>eval</c> reports.</summary>
    public static EvalResult Report(
        string checkpoint, string split, IDataset images, IReadOnlyList<AttackResult> attacks, Norm norm,
        Magnitude eps, ulong seed, TimeSpan time)
    {
        ArgumentNullException.ThrowIfNull(images);
        return new EvalResult
        {
            Checkpoint = checkpoint, Dataset = images.Name, Split = split, N = images.Count,
            Norm = SettingNames.Norms.Print(norm),
            Eps = eps.Value, EpsText = eps.Text, Seed = (long)seed, Attacks = attacks, Seconds = time.TotalSeconds,
        };
    }

    private static AttackOutcome Join(AttackOutcome? worst, AttackOutcome outcome, int count)
    {
        if (worst is null) return outcome;
        var joined = new AttackOutcome(count);
        for (var i = 0; i < count; i++)
        {
            var first = !worst.Correct[i];
            joined.Correct[i] = worst.Correct[i] && outcome.Correct[i];
            joined.Predicted[i] = first ? worst.Predicted[i] : outcome.Predicted[i];
            joined.Loss[i] = Math.Max(worst.Loss[i], outcome.Loss[i]);
            joined.Margin[i] = first ? worst.Margin[i]
                : outcome.Correct[i] ? Math.Min(worst.Margin[i], outcome.Margin[i]) : outcome.Margin[i];
            joined.Step[i] = worst.Step[i] != AttackOutcome.Never ? worst.Step[i] : outcome.Step[i];
        }
        return joined;
    }
}
