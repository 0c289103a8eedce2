using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>How many blocks of how many threads a kernel runs in, and their dynamic shared memory.</summary>
/// <remarks>A shape with an empty grid launches nothing.</remarks>
internal readonly record struct LaunchShape(uint GridX, uint GridY, uint GridZ, uint BlockX, uint BlockY, uint BlockZ,
    uint SharedBytes)
{
    /// <summary>Threads in a block unless a kernel says otherwise.</summary>
    public const int DefaultBlock = 256;

    // The x dimension is the only one that takes more than 65535 blocks.
    private const long MaxGridX = int.MaxValue;

    /// <summary>A row of blocks.</summary>
    public LaunchShape(long blocks, int threads, int sharedBytes = 0)
        : this(ToGridX(blocks), 1, 1, ToBlock(threads), 1, 1, checked((uint)sharedBytes))
    {
    }

    public bool IsEmpty => GridX == 0 || GridY == 0 || GridZ == 0;

    /// <summary>Threads in one block.</summary>
    public int Threads => checked((int)(BlockX * BlockY * BlockZ));

    /// <summary>One thread for every <paramref name="perThread"/> elements.</summary>
    public static LaunchShape ForElements(long count, int block = DefaultBlock, int perThread = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(perThread);
        long perBlock = checked((long)block * perThread);
        return new LaunchShape(count / perBlock + (count % perBlock == 0 ? 0 : 1), block);
    }

    /// <summary>One block for every row.</summary>
    public static LaunchShape ForRows(long rows, int block = DefaultBlock, int sharedBytes = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        return new LaunchShape(rows, block, sharedBytes);
    }

    private static uint ToGridX(long blocks)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(blocks);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(blocks, MaxGridX);
        return (uint)blocks;
    }

    private static uint ToBlock(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        return (uint)threads;
    }

    /// <summary>Grid, block and shared bytes, as messages show them.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"grid {GridX}x{GridY}x{GridZ}, block {BlockX}x{BlockY}x{BlockZ}, {SharedBytes} shared bytes");
}
