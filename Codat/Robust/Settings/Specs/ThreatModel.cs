using Codat.Native.Data;

namespace Codat.Native.Robust;

/// <summary>What an attacker may do in training: the ball, and the steps taken inside it.</summary>
/// <param name="Norm">The norm of the ball.</param>
/// <param name="Eps">The radius.</param>
/// <param name="Step">The length of one step.</param>
/// <param name="Steps">How many steps.</param>
/// <param name="Start">Where the first one starts.</param>
public readonly record struct ThreatModel(Norm Norm, Magnitude Eps, Magnitude Step, int Steps, AttackStart Start)
{
    /// <summary>The usual model for colour images: linf 8/255, ten steps of 2/255 from a uniform start.</summary>
    public static ThreatModel Colour { get; } =
        new(Norm.Linf, Magnitude.Levels(8), Magnitude.Levels(2), 10, AttackStart.Uniform);

    /// <summary>The usual model for 28x28 grey images: linf 0.1, ten steps of 0.02 from a uniform start.</summary>
    public static ThreatModel SmallGrey { get; } =
        new(Norm.Linf, Magnitude.Of(0.1), Magnitude.Of(0.02), 10, AttackStart.Uniform);

    /// <summary>The usual l2 model: 0.5, ten steps of 0.125 from a uniform start.</summary>
    public static ThreatModel Euclidean { get; } =
        new(Norm.L2, Magnitude.Of(0.5), Magnitude.Of(0.125), 10, AttackStart.Uniform);

    /// <summary>The preset of a norm and an image shape.</summary>
    public static ThreatModel Preset(Norm norm, ImageShape shape)
        => norm == Norm.L2 ? Euclidean : TrainPreset.IsSmallGrey(shape) ? SmallGrey : Colour;
}
