using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>Elements cut into packs of 16 bytes and a rest, one thread for each.</summary>
internal readonly record struct PackSplit(long Count, long Packs, LaunchShape Shape)
{
    /// <summary>Elements alone.</summary>
    public static PackSplit None(long count) => new(count, 0, LaunchShape.ForElements(count));

    /// <summary>No packs where an address is not aligned: results do not depend on it.</summary>
    public static PackSplit Of(DType type, long count, params ReadOnlySpan<ulong> addresses)
    {
        var wide = CudaVariants.Wide(type);
        var packs = CudaVariants.AreAligned(addresses) ? count / wide : 0;
        return new PackSplit(count, packs, LaunchShape.ForElements(packs + (count - packs * wide)));
    }
}
