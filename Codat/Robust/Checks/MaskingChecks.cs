using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>Checks of whether an accuracy under attack may be believed, or gradients are masked.</summary>
public static class MaskingChecks
{
    /// <summary>
    /// Looks at a few clean images of the split, and at what the attacks did; a check that has nothing to go by is left
    /// out, and so are all without an attack.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="outcomes">What the attacks did to each image.</param>
    /// <param name="rows">The same summed up, with telemetry where it was noted.</param>
    public static IReadOnlyList<CheckResult> Run(
        Network network, EvaluationOutcomes outcomes, IReadOnlyList<AttackResult> rows)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(outcomes);
        ArgumentNullException.ThrowIfNull(rows);
        ResolvedAttack[] attacks = [.. outcomes.Attacked.Select(a => a.Attack)];
        if (attacks.Length == 0 || outcomes.Images.Count == 0) return [];
        var probed = MaskingProbe.Look(network, outcomes.Images);
        CheckResult?[] results =
        [
            RandomOutputsCheck.Judge(probed), BatchDependenceCheck.Judge(probed), ZeroGradientsCheck.Judge(probed),
            HugeLogitsCheck.Judge(probed), LossRiseCheck.Judge(rows, attacks), WeakPgdCheck.Judge(outcomes),
            BlackBoxCheck.Judge(outcomes), TransferCheck.Judge(outcomes), NormAuditCheck.Judge(rows, attacks[0].Eps),
        ];
        return [.. results.OfType<CheckResult>()];
    }
}
