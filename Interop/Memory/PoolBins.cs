using System.Numerics;

namespace Codat.Native.Interop;

/// <summary>Free blocks by size class: four classes for every doubling, in units of the alignment.</summary>
internal sealed class PoolBins
{
    private const int ClassBits = 2;
    private const int Classes = (64 - 8) << ClassBits;

    private readonly PoolBlock?[] _heads = new PoolBlock?[Classes];
    private readonly ulong[] _nonEmpty = new ulong[(Classes + 63) / 64];

    /// <summary>The class whose blocks are at least as large as the class's smallest.</summary>
    public static int ClassOf(nuint bytes)
    {
        ulong units = bytes / DeviceBlock.Alignment;
        if (units < 1 << ClassBits) return (int)units;
        int top = BitOperations.Log2(units);
        int sub = (int)(units >> (top - ClassBits)) & ((1 << ClassBits) - 1);
        return ((top - ClassBits + 1) << ClassBits) + sub;
    }

    public void Add(PoolBlock block)
    {
        int at = ClassOf(block.Bytes);
        block.PreviousInBin = null;
        block.NextInBin = _heads[at];
        if (_heads[at] is { } head) head.PreviousInBin = block;
        _heads[at] = block;
        _nonEmpty[at >> 6] |= 1UL << (at & 63);
    }

    public void Remove(PoolBlock block)
    {
        int at = ClassOf(block.Bytes);
        if (block.NextInBin is { } next) next.PreviousInBin = block.PreviousInBin;
        if (block.PreviousInBin is { } previous) previous.NextInBin = block.NextInBin;
        else
        {
            _heads[at] = block.NextInBin;
            if (block.NextInBin is null) _nonEmpty[at >> 6] &= ~(1UL << (at & 63));
        }
        block.PreviousInBin = block.NextInBin = null;
    }

    /// <summary>
    /// The smallest block of the first class that has one large enough and free of other streams' work; failing that,
    /// with <paramref name="takeForeign"/>, one that another stream may still use.
    /// </summary>
    public PoolBlock? Find(nuint bytes, CudaStream stream, bool takeForeign)
    {
        PoolBlock? foreign = null;
        for (int at = Next(ClassOf(bytes)); at >= 0; at = Next(at + 1))
        {
            PoolBlock? own = null;
            for (var block = _heads[at]; block is not null; block = block.NextInBin)
            {
                if (block.Bytes < bytes) continue;
                bool isOwn = block.UsedBy is null || block.UsedBy == stream;
                if (isOwn && (own is null || block.Bytes < own.Bytes)) own = block;
                if (!isOwn && foreign is null) foreign = block;
            }
            if (own is not null) return own;
        }
        return takeForeign ? foreign : null;
    }

    /// <summary>
    /// The first block of a segment that is free as a whole; with <paramref name="mayMix"/> also one in several
    /// blocks, which different streams gave back.
    /// </summary>
    public PoolBlock? FindFreeSegment(bool mayMix)
    {
        for (int at = Next(0); at >= 0; at = Next(at + 1))
        {
            for (var block = _heads[at]; block is not null; block = block.NextInBin)
                if (block.IsSegment || (mayMix && block.StartsFreeSegment)) return block;
        }
        return null;
    }

    /// <summary>The size of the largest free block.</summary>
    public nuint LargestBytes()
    {
        nuint largest = 0;
        for (int at = Next(0); at >= 0; at = Next(at + 1))
        {
            for (var block = _heads[at]; block is not null; block = block.NextInBin)
                largest = Math.Max(largest, block.Bytes);
        }
        return largest;
    }

    /// <summary>The first class from <paramref name="start"/> on that has a block, or -1.</summary>
    private int Next(int start)
    {
        for (int word = start >> 6; word < _nonEmpty.Length; word++, start = word << 6)
        {
            ulong rest = _nonEmpty[word] & (ulong.MaxValue << (start & 63));
            if (rest != 0) return (word << 6) + BitOperations.TrailingZeroCount(rest);
        }
        return -1;
    }
}
