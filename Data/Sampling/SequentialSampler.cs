namespace Codat.Native.Data;

/// <summary>Evaluation order: file order, every image once, the last batch as short as it comes out.</summary>
public sealed class SequentialSampler : IBatchSampler
{
    private readonly int _count;

    /// <summary>Takes <paramref name="count"/> images in batches of <paramref name="batchSize"/>.</summary>
    public SequentialSampler(int count, int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        _count = count;
        BatchSize = batchSize;
        BatchesPerEpoch = (int)(((long)count + batchSize - 1) / batchSize);
    }

    /// <inheritdoc/>
    public int BatchSize { get; }

    /// <inheritdoc/>
    public int BatchesPerEpoch { get; }

    /// <inheritdoc/>
    public int Fill(int epoch, int batch, Span<int> positions)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)batch, (uint)BatchesPerEpoch, nameof(batch));
        int first = batch * BatchSize;
        int length = Math.Min(BatchSize, _count - first);
        for (int i = 0; i < length; i++) positions[i] = first + i;
        return length;
    }
}
