namespace Codat.Native.Robust;

/// <summary>A checkpoint under one attack.</summary>
/// <param name="Checkpoint">The checkpoint.</param>
/// <param name="Attack">The attack's row as it was read.</param>
/// <param name="Accuracy">What follows from its counts.</param>
/// <param name="Average">The Wilson 95 % interval over all images.</param>
/// <param name="Against">What it is against the baseline; null without one, and for the baseline.</param>
internal sealed record CheckpointRow(EvaluatedCheckpoint Checkpoint, AttackView Attack, ClassAccuracy Accuracy,
    WilsonInterval Average, AgainstBaseline? Against)
{
    /// <summary>The row of a checkpoint that has the attack.</summary>
    public static CheckpointRow Of(EvaluatedCheckpoint checkpoint, AttackView attack, ClassAccuracy? baseline)
    {
        var accuracy = checkpoint.Accuracy(attack);
        var average = WilsonInterval.Of(accuracy.PerClass.Sum(c => c.Correct), accuracy.PerClass.Sum(c => c.N));
        AgainstBaseline? against = baseline is null ? null
            : AgainstBaseline.Of(accuracy.Worst, accuracy.Average, baseline.Worst, baseline.Average);
        return new CheckpointRow(checkpoint, attack, accuracy, average, against);
    }
}
