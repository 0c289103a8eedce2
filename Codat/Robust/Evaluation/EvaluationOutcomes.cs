using Codat.Native.Data;

namespace Codat.Native.Robust;

/// <summary>What every attack of a list did to every image of a split.</summary>
/// <param name="Images">The split.</param>
/// <param name="Clean">Outcomes on clean images.</param>
/// <param name="Attacks">The attacks in order, each with its outcomes; <c>clean</c> among them if asked for.</param>
public sealed record EvaluationOutcomes(
    IDataset Images, AttackOutcome Clean, IReadOnlyList<(ResolvedAttack Attack, AttackOutcome Outcome)> Attacks)
{
    /// <summary>The attacks proper, without the row of clean images.</summary>
    public IEnumerable<(ResolvedAttack Attack, AttackOutcome Outcome)> Attacked =>
        Attacks.Where(a => a.Attack.Kind != AttackKind.Clean);

    /// <summary>
    /// An image is right where every attack left it right; the clean outcomes where there is no attack.
    /// </summary>
    public AttackOutcome WorstOfAll()
    {
        AttackOutcome? worst = null;
        foreach (var (_, outcome) in Attacked) worst = worst is null ? outcome : Join(worst, outcome);
        return worst ?? Clean;
    }

    private static AttackOutcome Join(AttackOutcome worst, AttackOutcome outcome)
    {
        var joined = new AttackOutcome(worst.Correct.Length);
        for (var i = 0; i < joined.Correct.Length; i++)
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
