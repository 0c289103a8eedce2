namespace Codat.Native.Robust;

/// <summary>What one attack did to each image of a split; arrays are indexed as the split is.</summary>
public sealed class AttackOutcome
{
    /// <summary>The value of <see cref="Step"/> where no image the attack looked at was misclassified.</summary>
    public const int Never = -1;

    internal AttackOutcome(int images)
    {
        Correct = new bool[images];
        Predicted = new int[images];
        Loss = new float[images];
        Margin = new float[images];
        Step = new int[images];
    }

    /// <summary>
    /// Right on the clean image and at the last iterate of every restart; for the AutoAttack family: no image of the
    /// ball was found that is misclassified.
    /// </summary>
    public bool[] Correct { get; }

    /// <summary>
    /// The class seen at the last iterate that mattered: of the restart that broke the image, else of the last one.
    /// </summary>
    public int[] Predicted { get; }

    /// <summary>
    /// Cross-entropy at the last iterate of the first restart; on the clean image where it was not attacked. An attack
    /// of the AutoAttack family has its last iterate where it stopped.
    /// </summary>
    public float[] Loss { get; }

    /// <summary>
    /// The label's logit minus the largest other one, at the image that decided the outcome: the clean one where that
    /// is misclassified, the one that broke the image, else the smallest over all images that could have broken it
    /// (PGD: the last iterate of each restart; AutoAttack family: every image of the ball looked at). NaN logits give
    /// NaN.
    /// </summary>
    public float[] Margin { get; }

    /// <summary>
    /// Steps taken when an iterate was first misclassified, at least 1, counted on through restarts, targets and the
    /// parts of a composition; 0 where the clean image is misclassified, <see cref="Never"/> where none was.
    /// </summary>
    /// <remarks>
    /// PGD is judged at its last iterate, so an image may have a step and still be right. A start that is already
    /// misclassified counts as step 1. A step of Square is a query.
    /// </remarks>
    public int[] Step { get; }

    /// <summary>What the attack saw on its way; null where that was not wanted.</summary>
    internal AttackTelemetry? Telemetry { get; set; }

    /// <summary>The same values in arrays of their own.</summary>
    public AttackOutcome Copy()
    {
        var copy = new AttackOutcome(Correct.Length);
        Correct.CopyTo(copy.Correct, 0);
        Predicted.CopyTo(copy.Predicted, 0);
        Loss.CopyTo(copy.Loss, 0);
        Margin.CopyTo(copy.Margin, 0);
        Step.CopyTo(copy.Step, 0);
        copy.Telemetry = Telemetry?.Copy();
        return copy;
    }
}
