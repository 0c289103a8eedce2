namespace Codat.Native.Robust;

/// <summary>How a batch fares, clean and under an attack; sums over batches give accuracies by class.</summary>
/// <param name="ClassCounts">Images of each class.</param>
/// <param name="CleanCorrect">Of these, those classified right as they are.</param>
/// <param name="RobustCorrect">Of these, those right under the attack too; the same without an attack.</param>
/// <param name="CleanLoss">Mean cross-entropy of the images as they are.</param>
/// <param name="RobustLoss">Mean cross-entropy under the attack; the same without an attack.</param>
public sealed record BatchEvaluation(IReadOnlyList<int> ClassCounts, IReadOnlyList<int> CleanCorrect,
    IReadOnlyList<int> RobustCorrect, double CleanLoss, double RobustLoss)
{
    /// <summary>Images of the batch.</summary>
    public int Count => ClassCounts.Sum();
}
