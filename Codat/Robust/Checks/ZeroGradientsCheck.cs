namespace Codat.Native.Robust;

/// <summary>Does the network pass gradients on to its input?</summary>
/// <remarks>
/// Judged by the gradient of the difference of two logits, which no softmax flattens: where it is zero, a step of the
/// network itself is flat (rounding, quantising, thresholds). Rectifiers leave a single image without a gradient now
/// and then, so it takes 5 % of the images; a gradient that is no number needs only one.
/// </remarks>
internal static class ZeroGradientsCheck
{
    public const string Name = "zero-gradients";

    private const double Threshold = 0.05;

    public static CheckResult Judge(IReadOnlyList<ProbedImage> images)
    {
        var zero = images.Count(i => i.LogitGradient == GradientState.Zero);
        var bad = images.Count(i => i.LogitGradient == GradientState.Bad);
        var found = $"the gradient of the logits is zero for {zero} of {images.Count} images and no number for {bad}";
        return zero < Threshold * images.Count && bad == 0
            ? new CheckResult(Name, CheckVerdict.Pass, found)
            : new CheckResult(Name, CheckVerdict.Fail, found + ": gradient attacks stand still there; run square, and"
                + " attack through a smooth stand-in for the layer that has no gradient");
    }
}
