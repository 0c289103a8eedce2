using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>The tensors of a compiled program that a batch is loaded into.</summary>
internal sealed class BatchTarget(Tensor images, Tensor labels, Tensor sampleIds)
{
    /// <summary>Float images (N,H,W,C).</summary>
    public Tensor Images { get; } = images;

    public Tensor Labels { get; } = labels;

    public Tensor SampleIds { get; } = sampleIds;

    /// <summary>
    /// True while the sample ids are the numbers of the rows, so that they need not be written again.
    /// </summary>
    public bool HasRowNumbers { get; set; }
}
