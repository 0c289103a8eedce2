namespace Codat.Native.Interop;

/// <summary>A stretch of a pool's segment, in use or free; linked to its neighbours and, if free, to its bin.</summary>
internal sealed class PoolBlock
{
    public ulong Address;
    public nuint Bytes;

    /// <summary>The bytes asked for; 0 while free.</summary>
    public nuint RequestedBytes;

    public PoolBlock? Before;
    public PoolBlock? After;

    /// <summary>The stream whose work may still use a free block; null if none can.</summary>
    public CudaStream? UsedBy;

    public PoolBlock? PreviousInBin;
    public PoolBlock? NextInBin;
    public bool IsFree;

    /// <summary>True if the block is a whole segment.</summary>
    public bool IsSegment => Before is null && After is null;

    /// <summary>True for the first of the blocks of a segment of which none is in use.</summary>
    public bool StartsFreeSegment
    {
        get
        {
            if (Before is not null) return false;
            for (var block = this; block is not null; block = block.After)
                if (!block.IsFree) return false;
            return true;
        }
    }

    /// <summary>Whether two free neighbours can become one: no two streams may have claims on one block.</summary>
    public bool CanMerge(PoolBlock other) =>
        IsFree && other.IsFree && (UsedBy == other.UsedBy || UsedBy is null || other.UsedBy is null);

    public void Clear()
    {
        Before = After = PreviousInBin = NextInBin = null;
        UsedBy = null;
        RequestedBytes = 0;
        IsFree = false;
    }
}
