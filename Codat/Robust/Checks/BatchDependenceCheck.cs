namespace Codat.Native.Robust;

/// <summary>Do the other images of a batch change what the network says of one?</summary>
/// <remarks>
/// They do where batch norm runs on the batch's own statistics. Accuracy then depends on how images are batched, and
/// an attack's change of one image is seen in others. Not judged where outputs are random anyway, nor of a batch of one
/// image. The threshold is that of <see cref="RandomOutputsCheck"/>.
/// </remarks>
internal static class BatchDependenceCheck
{
    public const string Name = "batch-dependence";

    private const double Threshold = 1e-4;

    public static CheckResult? Judge(IReadOnlyList<ProbedImage> images)
    {
        if (images.Any(RandomOutputsCheck.IsRandom)) return null;
        double[] changes = [.. images.Where(i => i.NeighbourChange is not null).Select(i => i.NeighbourChange ?? 0)];
        if (changes.Length == 0) return null;
        var dependent = changes.Count(c => c > Threshold);
        var most = CheckText.Percent(changes.Max());
        return dependent == 0
            ? new CheckResult(Name, CheckVerdict.Pass, $"other neighbours in the batch move the logits of"
                + $" {changes.Length} images by {most} of their spread at most")
            : new CheckResult(Name, CheckVerdict.Fail, $"other neighbours in the batch move the logits of {dependent}"
                + $" of {changes.Length} images by up to {most} of their spread; evaluate batch norm with running"
                + " statistics");
    }
}
