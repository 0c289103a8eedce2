namespace Codat.Native.Robust;

/// <summary>An attack with everything it needs to run.</summary>
/// <param name="Name">The attack as typed.</param>
/// <param name="Kind">Which attack it is.</param>
/// <param name="Norm">The norm of the ball.</param>
/// <param name="Eps">Its radius.</param>
/// <param name="Step">The length of one step; meaningless for <c>clean</c>.</param>
/// <param name="Steps">The number of steps, 0 for <c>clean</c>.</param>
/// <param name="Restarts">The number of starts, at least 1.</param>
/// <param name="Start">Where each starts.</param>
public sealed record ResolvedAttack(string Name, AttackKind Kind, Norm Norm, Magnitude Eps, Magnitude Step, int Steps,
    int Restarts, AttackStart Start);
