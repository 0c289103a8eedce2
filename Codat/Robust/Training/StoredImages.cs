using Codat.Native.Autograd;
using Codat.Native.Data;

namespace Codat.Native.Robust;

/// <summary>
/// A whole split as stored bytes in a GPU's memory, so that a step brings numbers only and no pixels.
/// </summary>
internal static class StoredImages
{
    // The rest is for the step; what the planner will need is not known yet when this is asked.
    private const int Share = 4;

    /// <summary>
    /// Uploads a split where it takes no more than a quarter of what is free; the caller's to dispose of.
    /// </summary>
    /// <returns>uint8 (images of the published split, H, W, C), or null: the host keeps the images then.</returns>
    public static Tensor? Upload(Device device, MemoryDataset images)
    {
        if (device is not CudaDevice cuda || images.Pixels.Length > cuda.FreeBytes / Share) return null;
        var (shape, count) = (images.Shape, images.Count);
        var stored = device.Allocate(
            DType.UInt8, new Shape(count, shape.Height, shape.Width, shape.Channels), "stored-images");
        try
        {
            stored.CopyFrom(images.Pixels.Span);
            return stored;
        }
        catch
        {
            stored.Dispose();
            throw;
        }
    }
}
