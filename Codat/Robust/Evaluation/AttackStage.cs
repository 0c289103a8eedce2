namespace Codat.Native.Robust;

/// <summary>One pass of an attack over the images still right: one restart of one part.</summary>
/// <param name="Part">The attack that runs.</param>
/// <param name="Restart">Which start of it.</param>
/// <param name="StepsBefore">Steps of the stages before it.</param>
/// <param name="Steps">Most steps of its own.</param>
/// <param name="PartIndex">Which part of a composition it is of.</param>
internal sealed record AttackStage(ResolvedAttack Part, int Restart, int StepsBefore, int Steps, int PartIndex)
{
    /// <summary>Nothing was attacked before it: losses of the attack are those of this stage.</summary>
    public bool IsFirst => StepsBefore == 0;

    /// <summary>The number of stages of an attack, whatever the network.</summary>
    public static int Count(ResolvedAttack attack) => attack.Parts.Sum(p => p.Restarts);

    /// <summary>The stages of an attack in order; none for clean images.</summary>
    /// <exception cref="Interop.CodatException">A part needs more classes.</exception>
    public static IReadOnlyList<AttackStage> Of(ResolvedAttack attack, int classes)
    {
        var stages = new List<AttackStage>();
        var steps = 0;
        for (var index = 0; index < attack.Parts.Count; index++)
        {
            var part = attack.Parts[index];
            var targets = AttackSpec.Of(part) is null ? WalkSpec.Of(part, classes, seed: 0).Targets : 0;
            var own = part.Steps * Math.Max(1, targets);
            for (var restart = 0; restart < part.Restarts; restart++)
            {
                stages.Add(new AttackStage(part, restart, steps, own, index));
                steps += own;
            }
        }
        return stages;
    }
}
