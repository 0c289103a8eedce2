namespace Codat.Native.Data;

/// <summary>
/// Where the parts of a batch lie in one block of bytes, so that a batch goes to a device in a single copy: pixels
/// (uint8 B, H, W, C), labels (int32 B), sample ids (int32 B), augmentation (int32 B, 3). Every part starts at a
/// multiple of 256.
/// </summary>
public sealed class BatchLayout
{
    private const int Alignment = 256;

    /// <summary>Lays out batches of <paramref name="batchSize"/> images.</summary>
    public BatchLayout(int batchSize, ImageShape shape)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        BatchSize = batchSize;
        Shape = shape;
        PixelBytes = checked(batchSize * shape.Bytes);
        int numbers = checked(batchSize * sizeof(int));
        LabelsOffset = Align(PixelBytes);
        SampleIdsOffset = Align(LabelsOffset + numbers);
        AugmentOffset = Align(SampleIdsOffset + numbers);
        TotalBytes = Align(checked(AugmentOffset + AugmentRecipe.Parameters * numbers));
    }

    /// <summary>Images in a full batch.</summary>
    public int BatchSize { get; }

    /// <summary>Shape of an image.</summary>
    public ImageShape Shape { get; }

    /// <summary>Bytes of the pixels, which lie first.</summary>
    public int PixelBytes { get; }

    /// <summary>Offset of the labels in bytes.</summary>
    public int LabelsOffset { get; }

    /// <summary>Offset of the sample ids in bytes.</summary>
    public int SampleIdsOffset { get; }

    /// <summary>Offset of the augmentation numbers in bytes.</summary>
    public int AugmentOffset { get; }

    /// <summary>Bytes of the whole block.</summary>
    public int TotalBytes { get; }

    private static int Align(int bytes) => checked((bytes + Alignment - 1) / Alignment * Alignment);
}
