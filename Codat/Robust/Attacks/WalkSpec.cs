using Codat.Native.Autograd;
using Codat.Native.Interop;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>An attack whose steps differ from image to image: the AutoAttack family.</summary>
/// <param name="Kind">Which one.</param>
/// <param name="Norm">Norm of the ball.</param>
/// <param name="Epsilon">Its radius, in pixels in [0,1].</param>
/// <param name="Iterations">Iterations against each target; of Square: queries after the first.</param>
/// <param name="Targets">Classes aimed at one after the other; 0 for an untargeted attack.</param>
/// <param name="Seed">Key of the random numbers.</param>
internal sealed record WalkSpec(
    AttackKind Kind, Norm Norm, double Epsilon, int Iterations, int Targets, ulong Seed)
{
    /// <summary>Target classes of the standard attacks; fewer where the network has fewer other classes.</summary>
    public const int StandardTargets = 9;

    /// <summary>What the network is differentiated of; null where only its logits are wanted.</summary>
    public SearchLoss? Loss => Kind switch
    {
        AttackKind.ApgdCe => SearchLoss.CrossEntropy,
        AttackKind.ApgdDlr => SearchLoss.Dlr,
        AttackKind.ApgdT => SearchLoss.TargetedDlr,
        AttackKind.FabT => SearchLoss.Gap,
        _ => null,
    };

    /// <summary>The attack in full.</summary>
    /// <exception cref="CodatException">Its loss needs more classes.</exception>
    public static WalkSpec Of(ResolvedAttack attack, int classes, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(attack);
        var least = attack.Kind switch
        {
            AttackKind.ApgdDlr => LogitLossOp.LeastClasses(LogitLoss.Dlr),
            AttackKind.ApgdT => LogitLossOp.LeastClasses(LogitLoss.TargetedDlr),
            _ => 2,
        };
        if (classes < least)
            throw new CodatException(
                $"{attack.Name} compares the first and third {(least == 3 ? "" : "and fourth ")}largest logits",
                "--attack", $"a network with {least} classes or more", $"{classes}",
                "apgd-ce, fab-t and square work with two");
        var targets = attack.Kind is AttackKind.ApgdT or AttackKind.FabT ? Math.Min(StandardTargets, classes - 1) : 0;
        return new WalkSpec(attack.Kind, attack.Norm, attack.Eps.Value, attack.Steps, targets, seed);
    }

    /// <summary>The walk of one image; reused for one image after the other.</summary>
    public ImageWalk Create(NetworkSpec network) => Kind switch
    {
        AttackKind.FabT => new FabWalk(this, network),
        AttackKind.Square => new SquareWalk(this, network),
        _ => new ApgdWalk(this, network),
    };
}
