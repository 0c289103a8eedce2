using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>How many rows a compiled evaluation has.</summary>
/// <remarks>
/// On the processor a result does not depend on it, so no row is computed for nothing. On CUDA the libraries choose
/// their algorithms by the size: there it is the same for any number of images, and the rest of the rows are padding.
/// </remarks>
internal static class PhysicalBatch
{
    /// <summary>The rows for some images.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="asked">What was asked for, or null.</param>
    /// <param name="images">The images there are, at least one.</param>
    public static int Of(Device device, int? asked, int images)
    {
        var rows = asked ?? EvaluatorOptions.DefaultBatch;
        return device is CudaDevice ? rows : Math.Min(rows, Math.Max(1, images));
    }
}
