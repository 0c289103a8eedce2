namespace Codat.Native.Robust;

/// <summary>One pass of an attack over the images still right: one restart of one part.</summary>
/// <param name="Part">The attack that runs.</param>
/// <param name="Restart">Which start of it.</param>
/// <param name="StepsBefore">Steps of the stages before it.</param>
internal sealed record AttackStage(ResolvedAttack Part, int Restart, int StepsBefore)
{
    /// <summary>The stages of an attack in order; none for clean images.</summary>
    public static IReadOnlyList<AttackStage> Of(ResolvedAttack attack)
    {
        var stages = new List<AttackStage>();
        if (attack.Kind == AttackKind.Clean) return stages;
        for (var restart = 0; restart < attack.Restarts; restart++)
            stages.Add(new AttackStage(attack, restart, restart * attack.Steps));
        return stages;
    }
}
