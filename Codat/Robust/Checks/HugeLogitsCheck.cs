using System.Globalization;

namespace Codat.Native.Robust;

/// <summary>Are logits so large that cross-entropy has no gradient any more?</summary>
/// <remarks>
/// In single precision exp(-x) is zero from x = 104 on: softmax is then exactly 0 and 1, and the gradient of
/// cross-entropy zero, of an image whose logits do have a gradient. Only images that are right count, for a wrong one
/// always has a gradient. Like zero gradients it takes 5 % of them.
/// </remarks>
internal static class HugeLogitsCheck
{
    public const string Name = "huge-logits";

    private const double Threshold = 0.05;

    public static CheckResult? Judge(IReadOnlyList<ProbedImage> images)
    {
        var right = images.Where(i => i.IsRight).ToArray();
        if (right.Length == 0) return null;
        var flat = right.Count(i =>
            i.LossGradient == GradientState.Zero && i.LogitGradient == GradientState.Usable);
        var gaps = right.Select(i => i.Gap).Order().ToArray();
        var found = string.Create(CultureInfo.InvariantCulture,
            $"cross-entropy has no gradient for {flat} of {right.Length} right images whose logits have one;"
            + $" the two largest logits are {gaps[gaps.Length / 2]:G3} apart (median)");
        return flat < Threshold * right.Length
            ? new CheckResult(Name, CheckVerdict.Pass, found)
            : new CheckResult(Name, CheckVerdict.Fail, found + ": softmax rounds to 0 and 1; attack the logits instead"
                + " (cw-K, apgd-dlr, apgd-t), or divide them by a constant");
    }
}
