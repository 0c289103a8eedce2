namespace Codat.Native.Robust;

/// <summary>An attack with everything it needs to run.</summary>
/// <param name="Name">The attack as typed.</param>
/// <param name="Kind">Which attack it is.</param>
/// <param name="Norm">The norm of the ball.</param>
/// <param name="Eps">Its radius.</param>
/// <param name="Step">The length of one step; meaningless unless <see cref="HasStep"/>.</param>
/// <param name="Steps">The number of steps, 0 for <c>clean</c>; of an attack on targets: against each; of Square:
/// queries.</param>
/// <param name="Restarts">The number of starts, at least 1.</param>
/// <param name="Start">Where each starts.</param>
public sealed record ResolvedAttack(string Name, AttackKind Kind, Norm Norm, Magnitude Eps, Magnitude Step, int Steps,
    int Restarts, AttackStart Start)
{
    /// <summary>
    /// Whether step and restarts are the user's choice: <c>pgd</c>, <c>cw</c>, and <c>transfer</c> by what it copies.
    /// </summary>
    public bool HasStep => Kind is AttackKind.Pgd or AttackKind.Cw or AttackKind.Transfer;

    /// <summary>Whether what it sees step by step can be noted: it looks at the network before its last step.</summary>
    internal bool IsTraceable => Kind is not (AttackKind.Clean or AttackKind.Transfer);

    /// <summary>
    /// The attacks run one after the other on survivors: the attack itself unless it is a composition.
    /// </summary>
    internal IReadOnlyList<ResolvedAttack> Parts => Kind switch
    {
        AttackKind.Clean => [],
        AttackKind.AaLight => [Part("apgd-ce"), Part("apgd-t")],
        AttackKind.AutoAttack => [Part("apgd-ce"), Part("apgd-t"), Part("fab-t"), Part("square")],
        _ => [this],
    };

    private ResolvedAttack Part(string name) => AttackExpression.Parse(name, Name).Resolve(Norm, Eps, Step);
}
