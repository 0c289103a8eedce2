namespace Codat.Native.Robust;

/// <summary>What a network was seen to do with one clean image.</summary>
/// <param name="IsRight">It is classified right.</param>
/// <param name="Gap">Largest logit minus the second.</param>
/// <param name="RepeatChange">
/// Largest change of a logit when the same batch is looked at again, as a share of the logits' spread.
/// </param>
/// <param name="NeighbourChange">The same change when other images of the batch are exchanged; null where there were
/// none.</param>
/// <param name="LossGradient">The gradient of cross-entropy.</param>
/// <param name="LogitGradient">The gradient of the difference of two logits: what the network itself passes on.</param>
internal readonly record struct ProbedImage(bool IsRight, double Gap, double RepeatChange, double? NeighbourChange,
    GradientState LossGradient, GradientState LogitGradient);

/// <summary>What a gradient in an image can be followed to.</summary>
internal enum GradientState
{
    /// <summary>Somewhere.</summary>
    Usable,

    /// <summary>Nowhere: all zero.</summary>
    Zero,

    /// <summary>Not a number, or infinite, somewhere.</summary>
    Bad,
}
