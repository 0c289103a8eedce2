namespace Codat.Native.Robust;

/// <summary>Does the network say the same of the same batch twice?</summary>
/// <remarks>
/// Randomness makes an attack climb another network at each step. A change of 1e-4 of the logits' spread is more than
/// sums in another order make of single precision, and too little to hide a gradient; so anything above is reported.
/// </remarks>
internal static class RandomOutputsCheck
{
    public const string Name = "random-outputs";

    private const double Threshold = 1e-4;

    /// <summary>Whether an image's logits are random.</summary>
    public static bool IsRandom(ProbedImage image) => image.RepeatChange > Threshold;

    public static CheckResult Judge(IReadOnlyList<ProbedImage> images)
    {
        var random = images.Count(IsRandom);
        var most = CheckText.Percent(images.Max(i => i.RepeatChange));
        return random == 0
            ? new CheckResult(Name, CheckVerdict.Pass, $"{images.Count} images looked at twice: logits move by {most}"
                + " of their spread at most")
            : new CheckResult(Name, CheckVerdict.Fail, $"the logits of {random} of {images.Count} images move by up to"
                + $" {most} of their spread when the same batch is looked at again; make the network deterministic, or"
                + " attack the mean of many looks");
    }
}
