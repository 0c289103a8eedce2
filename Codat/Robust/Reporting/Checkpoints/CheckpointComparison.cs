using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Evaluations of several checkpoints on the same images, side by side and against a baseline.</summary>
/// <param name="Checkpoints">The checkpoints, in the order given; those without an evaluation are not among
/// them.</param>
/// <param name="Baseline">The one the others are measured against, or null.</param>
/// <param name="Rows">A row per attack that all have, and checkpoint; attacks in the order of the first.</param>
/// <param name="Tests">Tests against the baseline, where both have evidence.</param>
/// <param name="LeftOut">Attacks that not all have, or that do not mean the same in all.</param>
internal sealed record CheckpointComparison(
    IReadOnlyList<EvaluatedCheckpoint> Checkpoints, EvaluatedCheckpoint? Baseline, IReadOnlyList<CheckpointRow> Rows,
    IReadOnlyList<CheckpointTest> Tests, IReadOnlyList<string> LeftOut)
{
    /// <summary>Names of the attacks compared.</summary>
    public IEnumerable<string> Attacks => Rows.Select(r => r.Attack.Name).Distinct();

    /// <summary>The strongest attack compared: the lowest average over checkpoints; null where none attacks.</summary>
    public string? Strongest => Rows.Where(r => !r.Attack.IsClean).GroupBy(r => r.Attack.Name)
        .MinBy(g => g.Average(r => r.Accuracy.Average))?.Key;

    /// <summary>The comparison; null where nothing has an evaluation.</summary>
    /// <param name="runs">What is shown, in order.</param>
    /// <param name="baseline">Which of them is the baseline, or -1.</param>
    /// <exception cref="CodatException">Two of them cannot be compared; says what, where and why.</exception>
    public static CheckpointComparison? Of(IReadOnlyList<ReportRun> runs, int baseline)
    {
        var all = runs.Select(run => EvaluatedCheckpoint.Of(run.Label, run.View)).ToArray();
        EvaluatedCheckpoint[] known = [.. all.OfType<EvaluatedCheckpoint>()];
        if (known.Length == 0) return null;
        if (known.Length > 1 && baseline >= 0 && all[baseline] is null)
            throw new CodatException("the baseline has no evaluation", runs[baseline].View.Source,
                "final.json of a finished run, or the output of codat eval --json", "none",
                "evaluate it, or choose another --baseline");
        var against = baseline < 0 ? null : all[baseline];
        foreach (var other in known) CheckpointRules.Check(against ?? known[0], other);
        return Of(known, against);
    }

    private static CheckpointComparison Of(EvaluatedCheckpoint[] known, EvaluatedCheckpoint? baseline)
    {
        var first = baseline ?? known[0];
        var attacks = first.Attacks.Where(a => known.All(c => c.Find(a) is not null)).ToList();
        // The worst of all attacks is another measure where the attacks are others.
        if (known.Any(c => !first.Attacks.Order().SequenceEqual(c.Attacks.Order())))
            attacks.Remove(EvaluationRun.WorstOfAll);
        var rows = new List<CheckpointRow>();
        var tests = new List<CheckpointTest>();
        foreach (var attack in attacks)
        {
            var reference = baseline?.Find(attack) is { } row ? baseline.Accuracy(row) : null;
            foreach (var checkpoint in known)
                if (checkpoint.Find(attack) is { } own)
                    rows.Add(CheckpointRow.Of(checkpoint, own, checkpoint == baseline ? null : reference));
            if (baseline is not null)
                tests.AddRange(CheckpointTest.All(attack, baseline, known.Where(c => c != baseline)));
        }
        var left = known.SelectMany(c => c.Attacks).Distinct().Except(attacks);
        return new CheckpointComparison(known, baseline, rows, tests, [.. left]);
    }
}
