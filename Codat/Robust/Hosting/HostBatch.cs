namespace Codat.Native.Robust;

/// <summary>A batch in ordinary memory; it is copied before the call returns.</summary>
/// <remarks>Bytes are levels 0 to 255; floats are pixels in [0,1], as in a <see cref="DeviceBatch"/>.</remarks>
public readonly ref struct HostBatch
{
    private HostBatch(ReadOnlySpan<byte> bytes, ReadOnlySpan<float> floats, ImageLayout layout,
        ReadOnlySpan<int> labels, ReadOnlySpan<long> wideLabels)
    {
        Bytes = bytes;
        Floats = floats;
        Layout = layout;
        Labels = labels;
        WideLabels = wideLabels;
    }

    /// <summary>Numbers of the samples, for randomness: the same number and epoch give the same attack start; empty
    /// means the rows' places in the batch.</summary>
    public ReadOnlySpan<int> SampleIds { get; init; }

    /// <summary>The epoch, for randomness; null means the number of steps made so far.</summary>
    public int? Epoch { get; init; }

    internal ReadOnlySpan<byte> Bytes { get; }

    internal ReadOnlySpan<float> Floats { get; }

    internal ImageLayout Layout { get; }

    internal ReadOnlySpan<int> Labels { get; }

    internal ReadOnlySpan<long> WideLabels { get; }

    internal int Values => Bytes.Length + Floats.Length;

    internal int LabelCount => Labels.Length + WideLabels.Length;

    /// <summary>Bytes with int32 labels; no labels where only predictions are wanted.</summary>
    public static HostBatch Of(
        ReadOnlySpan<byte> images, ReadOnlySpan<int> labels = default, ImageLayout layout = ImageLayout.Nhwc) =>
        new(images, default, layout, labels, default);

    /// <summary>Bytes with int64 labels.</summary>
    public static HostBatch Of(
        ReadOnlySpan<byte> images, ReadOnlySpan<long> labels, ImageLayout layout = ImageLayout.Nhwc) =>
        new(images, default, layout, default, labels);

    /// <summary>Floats in [0,1] with int32 labels; no labels where only predictions are wanted.</summary>
    public static HostBatch Of(
        ReadOnlySpan<float> images, ReadOnlySpan<int> labels = default, ImageLayout layout = ImageLayout.Nhwc) =>
        new(default, images, layout, labels, default);

    /// <summary>Floats in [0,1] with int64 labels.</summary>
    public static HostBatch Of(
        ReadOnlySpan<float> images, ReadOnlySpan<long> labels, ImageLayout layout = ImageLayout.Nhwc) =>
        new(default, images, layout, default, labels);
}
