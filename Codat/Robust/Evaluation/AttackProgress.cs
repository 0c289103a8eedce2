namespace Codat.Native.Robust;

/// <summary>How far an attack on a split has come: enough to continue it elsewhere with the same outcomes.</summary>
/// <param name="Attack">The attack as asked for.</param>
/// <param name="Stage">The pass under way: a restart, of the parts of a composition one after the other.</param>
/// <param name="Next">Images before this index are done with in that stage.</param>
/// <param name="Outcome">The outcomes so far, final for images that have been broken. The evaluator goes on writing
/// into it: what is kept beyond the call has to be a copy.</param>
/// <remarks>
/// Within a stage images are taken in the order of the split, and each stage takes those still right. So these values
/// and the clean outcomes say all; neither batch size nor threads nor device matter.
/// </remarks>
public sealed record AttackProgress(ResolvedAttack Attack, int Stage, int Next, AttackOutcome Outcome)
{
    /// <summary>Name of the part that just ran: the attack's own unless it is a composition.</summary>
    public string Part { get; init; } = Attack.Name;

    /// <summary>Restart of that part, from 0.</summary>
    public int Restart { get; init; }

    /// <summary>Images that the last batch attacked, as indices of the split; empty before the first.</summary>
    public IReadOnlyList<int> Images { get; init; } = [];

    /// <summary>An attack that has not begun: the outcomes are those on the clean images.</summary>
    public static AttackProgress Begin(ResolvedAttack attack, AttackOutcome clean)
    {
        ArgumentNullException.ThrowIfNull(attack);
        ArgumentNullException.ThrowIfNull(clean);
        return new AttackProgress(attack, 0, 0, clean.Copy());
    }
}
