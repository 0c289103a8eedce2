namespace Codat.Native.Data;

/// <summary>
/// Where the parts of a batch lie in one block of bytes, so that a batch goes to a device in a single copy: pixels
/// (uint8 B, H, W, C), labels (int32 B), sample ids (int32 B), augmentation (int32 B, 3), numbers of the consumer's.
/// Every part starts at a multiple of 256.
/// </summary>
public sealed class BatchLayout
{
    private const int Alignment = 256;

    /// <summary>Lays out batches of <paramref name="batchSize"/> images.</summary>
    /// <param name="batchSize">Images in a full batch.</param>
    /// <param name="shape">Shape of an image.</param>
    /// <param name="hasPixels">False where the consumer holds all images already and finds them by sample id.</param>
    /// <param name="extraBytes">Room for what the consumer wants to send along.</param>
    public BatchLayout(int batchSize, ImageShape shape, bool hasPixels = true, int extraBytes = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(extraBytes);
        BatchSize = batchSize;
        Shape = shape;
        PixelBytes = hasPixels ? checked(batchSize * shape.Bytes) : 0;
        ExtraBytes = extraBytes;
        int numbers = checked(batchSize * sizeof(int));
        LabelsOffset = Align(PixelBytes);
        SampleIdsOffset = Align(LabelsOffset + numbers);
        AugmentOffset = Align(SampleIdsOffset + numbers);
        ExtraOffset = Align(checked(AugmentOffset + AugmentRecipe.Parameters * numbers));
        TotalBytes = Align(checked(ExtraOffset + extraBytes));
    }

    /// <summary>Images in a full batch.</summary>
    public int BatchSize { get; }

    /// <summary>Shape of an image.</summary>
    public ImageShape Shape { get; }

    /// <summary>Bytes of the pixels, which lie first; 0 where a batch has none.</summary>
    public int PixelBytes { get; }

    /// <summary>Offset of the labels in bytes.</summary>
    public int LabelsOffset { get; }

    /// <summary>Offset of the sample ids in bytes.</summary>
    public int SampleIdsOffset { get; }

    /// <summary>Offset of the augmentation numbers in bytes.</summary>
    public int AugmentOffset { get; }

    /// <summary>Offset of the consumer's own numbers in bytes.</summary>
    public int ExtraOffset { get; }

    /// <summary>Bytes of the consumer's own numbers.</summary>
    public int ExtraBytes { get; }

    /// <summary>Bytes of the whole block.</summary>
    public int TotalBytes { get; }

    private static int Align(int bytes) => checked((bytes + Alignment - 1) / Alignment * Alignment);
}
