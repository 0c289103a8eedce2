using System.Runtime.InteropServices;

namespace Codat.Native.Data;

/// <summary>One batch in its block of memory; valid from being handed out until it is returned.</summary>
public sealed class BatchSlot
{
    private readonly BatchLayout _layout;

    internal BatchSlot(int index, BatchLayout layout, Memory<byte> memory)
    {
        Index = index;
        _layout = layout;
        Memory = memory;
    }

    /// <summary>Number of the slot in its ring: which of the injected blocks this is.</summary>
    public int Index { get; }

    /// <summary>The whole block, laid out as <see cref="BatchLayout"/> says.</summary>
    public Memory<byte> Memory { get; }

    /// <summary>Epoch of the batch.</summary>
    public int Epoch { get; internal set; }

    /// <summary>Batch within the epoch.</summary>
    public int Batch { get; internal set; }

    /// <summary>Images in it; rows beyond this hold whatever an earlier batch left.</summary>
    public int Count { get; internal set; }

    /// <summary>Pixels, uint8 (B, H, W, C); empty where the layout has none.</summary>
    public Span<byte> Pixels => Memory.Span[.._layout.PixelBytes];

    /// <summary>Labels, (B).</summary>
    public Span<int> Labels => Numbers(_layout.LabelsOffset, 1);

    /// <summary>Index of each image in the published split, (B).</summary>
    public Span<int> SampleIds => Numbers(_layout.SampleIdsOffset, 1);

    /// <summary>dx, dy, flip for each image, (B, 3); see <see cref="AugmentRecipe"/>.</summary>
    public Span<int> Augment => Numbers(_layout.AugmentOffset, AugmentRecipe.Parameters);

    /// <summary>The consumer's own bytes, for it to fill; what they hold when handed out is undefined.</summary>
    public Span<byte> Extra => Memory.Span.Slice(_layout.ExtraOffset, _layout.ExtraBytes);

    private Span<int> Numbers(int offset, int perImage) =>
        MemoryMarshal.Cast<byte, int>(Memory.Span.Slice(offset, _layout.BatchSize * perImage * sizeof(int)));
}
