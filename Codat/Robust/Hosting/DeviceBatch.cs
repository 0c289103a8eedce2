using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>A batch in device memory of the host application.</summary>
/// <remarks>
/// The memory is read in the order of the host's stream: it may be written on that stream before the call and written
/// over on that stream after it. Bytes are levels 0 to 255; floats are pixels in [0,1], and one more than 0.001 outside
/// makes the step fail as if its loss were not a number. So does a label that is no class.
/// </remarks>
public readonly record struct DeviceBatch
{
    private DeviceBatch(
        DeviceSpan<byte> images, long values, bool isFloat, ImageLayout layout, DeviceSpan<byte> labels, long count)
    {
        (Images, Values, IsFloat, Layout) = (images, values, isFloat, layout);
        (Labels, LabelCount) = (labels, count);
    }

    /// <summary>Int32 numbers of the samples, for randomness: the same number and epoch give the same attack start;
    /// empty means the rows' places in the batch.</summary>
    public DeviceSpan<int> SampleIds { get; init; }

    /// <summary>The epoch, for randomness; null means the number of steps made so far.</summary>
    public int? Epoch { get; init; }

    /// <summary>An event after which the batch may be read, where the host's stream alone does not say it.</summary>
    public CudaEvent? Ready { get; init; }

    internal DeviceSpan<byte> Images { get; }

    internal long Values { get; }

    internal bool IsFloat { get; }

    internal ImageLayout Layout { get; }

    internal DeviceSpan<byte> Labels { get; }

    internal long LabelCount { get; }

    internal int LabelBytes => LabelCount == 0 ? sizeof(int) : (int)(Labels.Length / LabelCount);

    /// <summary>Bytes with int32 labels; no labels where only predictions are wanted.</summary>
    public static DeviceBatch Of(
        DeviceSpan<byte> images, DeviceSpan<int> labels = default, ImageLayout layout = ImageLayout.Nhwc) =>
        new(images, images.Length, isFloat: false, layout, labels.Cast<byte>(), labels.Length);

    /// <summary>Bytes with int64 labels, which are converted on the device.</summary>
    public static DeviceBatch Of(
        DeviceSpan<byte> images, DeviceSpan<long> labels, ImageLayout layout = ImageLayout.Nhwc) =>
        new(images, images.Length, isFloat: false, layout, labels.Cast<byte>(), labels.Length);

    /// <summary>Floats in [0,1] with int32 labels; no labels where only predictions are wanted.</summary>
    public static DeviceBatch Of(
        DeviceSpan<float> images, DeviceSpan<int> labels = default, ImageLayout layout = ImageLayout.Nhwc) =>
        new(images.Cast<byte>(), images.Length, isFloat: true, layout, labels.Cast<byte>(), labels.Length);

    /// <summary>Floats in [0,1] with int64 labels, which are converted on the device.</summary>
    public static DeviceBatch Of(
        DeviceSpan<float> images, DeviceSpan<long> labels, ImageLayout layout = ImageLayout.Nhwc) =>
        new(images.Cast<byte>(), images.Length, isFloat: true, layout, labels.Cast<byte>(), labels.Length);
}
