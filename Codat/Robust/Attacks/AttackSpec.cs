using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>What an attack climbs.</summary>
public enum AttackLoss
{
    /// <summary>Cross-entropy with the label.</summary>
    CrossEntropy,

    /// <summary>Largest wrong logit minus the label's (Carlini and Wagner).</summary>
    Margin,
}

/// <summary>An attack on a fixed network: projected gradient ascent and its special cases.</summary>
/// <param name="Norm">Norm of the ball.</param>
/// <param name="Epsilon">Its radius, in pixels in [0,1].</param>
/// <param name="StepSize">Length of a step.</param>
/// <param name="Steps">Number of steps.</param>
/// <param name="Start">Where it starts.</param>
/// <param name="Loss">What it climbs.</param>
/// <param name="BatchNorm">Statistics during the attack.</param>
public sealed record AttackSpec(Norm Norm, double Epsilon, double StepSize, int Steps, AttackStart Start,
    AttackLoss Loss = AttackLoss.CrossEntropy, ForwardMode BatchNorm = ForwardMode.Eval)
{
    /// <summary>
    /// The attack of an evaluation, on whichever network; null where it is not projected gradient ascent.
    /// </summary>
    public static AttackSpec? Of(ResolvedAttack attack)
    {
        ArgumentNullException.ThrowIfNull(attack);
        return attack.Kind is not (AttackKind.Fgsm or AttackKind.Pgd or AttackKind.Cw or AttackKind.Transfer)
            ? null
            : new AttackSpec(attack.Norm, attack.Eps.Value, attack.Step.Value, attack.Steps, attack.Start,
                attack.Kind == AttackKind.Cw ? AttackLoss.Margin : AttackLoss.CrossEntropy);
    }
}
