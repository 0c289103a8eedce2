namespace Codat.Native.Data;

/// <summary>What a <see cref="BatchLoader"/> reads, and where to.</summary>
public sealed record BatchLoaderOptions
{
    /// <summary>The usual number of slots.</summary>
    public const int DefaultSlots = 4;

    /// <summary>The images.</summary>
    public required IDataset Dataset { get; init; }

    /// <summary>Their order; used by the loader's thread alone from then on.</summary>
    public required IBatchSampler Sampler { get; init; }

    /// <summary>Parts of a batch; null for all of the data set's and nothing else.</summary>
    public BatchLayout? Layout { get; init; }

    /// <summary>How images are augmented; the numbers are drawn here, the consumer applies them.</summary>
    public AugmentRecipe Augment { get; init; } = AugmentRecipe.None;

    /// <summary>Seed of the augmentation.</summary>
    public ulong Seed { get; init; }

    /// <summary>Epoch to start in.</summary>
    public int StartEpoch { get; init; }

    /// <summary>Batch to start with within that epoch.</summary>
    public int StartBatch { get; init; }

    /// <summary>Epoch to stop before.</summary>
    public int EndEpoch { get; init; } = int.MaxValue;

    /// <summary>Slots in the ring: how many batches may be ready or in use at once. With 1, a batch is drawn when the
    /// one before has been returned.</summary>
    public int Slots { get; init; } = DefaultSlots;

    /// <summary>
    /// Memory of slot i, at least <see cref="BatchLayout.TotalBytes"/>; null for managed arrays. Pinned memory goes in
    /// here.
    /// </summary>
    public Func<int, Memory<byte>>? SlotMemory { get; init; }
}
