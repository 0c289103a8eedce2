using Codat.Native.Data;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>Attacks a split until a statement about its accuracy under all of the attacks is decided.</summary>
/// <remarks>
/// The attacks run in order, each on the images that those before it have left right, as only these are open. So only
/// the clean images, the first attack and the worst of all have rows that stand alone, and those that were not finished
/// are left out.
/// </remarks>
public static class BudgetedEvaluation
{
    /// <summary>Runs until the statement is decided or the attacks have ended.</summary>
    /// <param name="network">The network.</param>
    /// <param name="options">How to run; its callback after batches is called too.</param>
    /// <param name="images">The split.</param>
    /// <param name="attacks">The attacks, in the order in which they run.</param>
    /// <param name="claim">What is to be decided.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    /// <exception cref="Interop.CodatException">The claim is about a class that is not there.</exception>
    public static (Decision Decision, IReadOnlyList<AttackResult> Results) Run(
        Network network, EvaluatorOptions options, IDataset images, IReadOnlyList<ResolvedAttack> attacks,
        AccuracyClaim claim, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(attacks);
        ArgumentNullException.ThrowIfNull(claim);
        var bounds = new AccuracyBounds(images);
        bounds.Decide(claim); // a claim about a class that is not there is refused before any work
        var last = attacks.LastOrDefault(a => a.Kind != AttackKind.Clean);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var evaluator = new Evaluator(network, options with
        {
            AfterBatch = progress =>
            {
                options.AfterBatch?.Invoke(progress);
                Note(bounds, progress, progress.Attack == last);
                if (bounds.Decide(claim) is not null) enough.Cancel();
            },
        });
        var results = new List<AttackResult>();
        try
        {
            Attack(evaluator, images, attacks, bounds, claim, results, enough);
        }
        catch (OperationCanceledException)
            when (enough.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            // Decided in the middle of an attack, which is left without a row.
        }
        return (new Decision(claim, bounds.Decide(claim), bounds.Lower, bounds.Upper), results);
    }

    private static void Attack(Evaluator evaluator, IDataset images, IReadOnlyList<ResolvedAttack> attacks,
        AccuracyBounds bounds, AccuracyClaim claim, List<AttackResult> results, CancellationTokenSource enough)
    {
        var clean = evaluator.Clean(images, enough.Token);
        if (attacks.FirstOrDefault(a => a.Kind == AttackKind.Clean) is { } asked)
            results.Add(EvaluationRun.Summarise(asked.Name, images, clean));
        var proper = attacks.Where(a => a.Kind != AttackKind.Clean).ToArray();
        NoteEnd(bounds, clean, isLast: proper.Length == 0);
        var worst = new EvaluationOutcomes(images, clean, []);
        var survivors = clean;
        foreach (var attack in proper)
        {
            if (bounds.Decide(claim) is not null) return;
            var outcome = evaluator.Attack(images, attack, survivors, enough.Token);
            worst = worst with { Attacks = [.. worst.Attacks, (attack, outcome)] };
            NoteEnd(bounds, outcome, isLast: attack == proper[^1]);
            if (attack == proper[0]) results.AddRange(EvaluationRun.Results(worst));
            survivors = outcome;
        }
        if (proper.Length > 1)
            results.Add(EvaluationRun.Summarise(EvaluationRun.WorstOfAll, images, worst.WorstOfAll()));
    }

    private static void Note(AccuracyBounds bounds, AttackProgress progress, bool isLastAttack)
    {
        var isLastStage = isLastAttack && progress.Stage == AttackStage.Count(progress.Attack) - 1;
        foreach (var image in progress.Images)
            if (!progress.Outcome.Correct[image] || isLastStage) bounds.Note(image, progress.Outcome.Correct[image]);
    }

    private static void NoteEnd(AccuracyBounds bounds, AttackOutcome outcome, bool isLast)
    {
        for (var i = 0; i < outcome.Correct.Length; i++)
            if (!outcome.Correct[i] || isLast) bounds.Note(i, outcome.Correct[i]);
    }
}
