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
        return Results(Outcomes(evaluator, images, attacks, null, cancellation));
    }

    /// <summary>Runs the attacks in order, each on its own; what a store has kept of them is not run again.</summary>
    /// <param name="evaluator">Where there is a store, one whose batches are handed to it
    /// (<see cref="EvaluationStore.AfterBatch"/>).</param>
    /// <param name="images">The split.</param>
    /// <param name="attacks">The attacks.</param>
    /// <param name="store">Where progress is kept, or null.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    public static EvaluationOutcomes Outcomes(
        Evaluator evaluator, IDataset images, IReadOnlyList<ResolvedAttack> attacks, EvaluationStore? store = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(attacks);
        var clean = store?.FindClean(images.Count);
        if (clean is null)
        {
            clean = evaluator.Clean(images, cancellation);
            store?.SaveClean(clean);
        }
        var outcomes = new List<(ResolvedAttack, AttackOutcome)>();
        foreach (var attack in attacks)
        {
            var kept = store?.Find(attack, images.Count);
            if (kept is not null && !evaluator.CanContinue(kept)) kept = null;
            var begun = kept ?? AttackProgress.Begin(attack, clean);
            var outcome = evaluator.Continue(images, begun, cancellation);
            store?.SaveEnd(attack, outcome);
            outcomes.Add((attack, outcome));
        }
        return new EvaluationOutcomes(images, clean, outcomes);
    }

    /// <summary>Sums up each attack, and the worst of all where there is more than one.</summary>
    public static IReadOnlyList<AttackResult> Results(EvaluationOutcomes outcomes)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        var results = outcomes.Attacks.Select(a => TelemetrySummary.Add(
            Summarise(a.Attack.Name, outcomes.Images, a.Outcome, a.Attack.HasStep ? a.Attack.Step.Value : null,
                a.Attack.HasStep ? a.Attack.Restarts : null), outcomes.Images, a.Attack, a.Outcome)).ToList();
        if (outcomes.Attacked.Count() > 1)
            results.Add(Summarise(WorstOfAll, outcomes.Images, outcomes.WorstOfAll()));
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
            ImagesHash = SplitHash.Of(images), Norm = SettingNames.Norms.Print(norm),
            Eps = eps.Value, EpsText = eps.Text, Seed = (long)seed, Attacks = attacks, Seconds = time.TotalSeconds,
        };
    }
}
