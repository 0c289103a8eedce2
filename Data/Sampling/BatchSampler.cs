using System.Globalization;

namespace Codat.Native.Data;

/// <summary>
/// Training order: a new permutation every epoch that is a pure function of seed and epoch; whole batches only, what is
/// left over at the end of an epoch is dropped.
/// </summary>
/// <remarks>Keeps the permutation of the last epoch asked for; for one thread at a time.</remarks>
public sealed class BatchSampler : IBatchSampler
{
    private readonly int[] _order;
    private readonly ulong _seed;
    private int _epoch = -1;

    /// <summary>Orders <paramref name="count"/> images in batches of <paramref name="batchSize"/>.</summary>
    /// <exception cref="DatasetException">There are fewer images than one batch.</exception>
    public BatchSampler(int count, int batchSize, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (count < batchSize)
            throw new DatasetException("there are fewer training images than one batch", "--batch",
                string.Create(CultureInfo.InvariantCulture, $"at most {count}"), DataFile.Number(batchSize),
                "use a smaller batch or more images");
        BatchSize = batchSize;
        BatchesPerEpoch = count / batchSize;
        _order = new int[count];
        _seed = seed;
    }

    /// <inheritdoc/>
    public int BatchSize { get; }

    /// <inheritdoc/>
    public int BatchesPerEpoch { get; }

    /// <summary>All positions in the order of an epoch, those of the dropped tail last.</summary>
    public ReadOnlySpan<int> Order(int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        if (epoch != _epoch)
        {
            for (int i = 0; i < _order.Length; i++) _order[i] = i;
            new PhiloxStream(_seed, DrawPurpose.EpochOrder, 0, (uint)epoch).Shuffle(_order);
            _epoch = epoch;
        }

        return _order;
    }

    /// <inheritdoc/>
    public int Fill(int epoch, int batch, Span<int> positions)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)batch, (uint)BatchesPerEpoch, nameof(batch));
        Order(epoch).Slice(batch * BatchSize, BatchSize).CopyTo(positions);
        return BatchSize;
    }
}
