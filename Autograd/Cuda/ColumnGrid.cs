using System.Numerics;
using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>The struct <c>Columns</c> of the kernels.</summary>
internal struct Columns
{
    public long Rows;
    public int Channels;
    public int RowsPerThread;
}

/// <summary>A (rows, channels) matrix cut into blocks of 256 threads: packs of channels by rows.</summary>
/// <remarks>A function of the shape and of whether packs can be used, of nothing else: sums follow it.</remarks>
internal readonly struct ColumnGrid
{
    private const int Threads = 256, MostColumns = 32;

    private ColumnGrid(Shape shape, int wide, int mostRows, int leastRows, int blocks)
    {
        var columns = shape.Channels / wide;
        var x = Math.Min(MostColumns, (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, columns)));
        var y = Threads / x;
        var tiles = (columns + x - 1) / x;
        var rows = mostRows;
        while (rows > leastRows && Tiles(shape.Rows, y * rows) * tiles < blocks) rows /= 2;
        Columns = new Columns { Rows = shape.Rows, Channels = shape.Channels, RowsPerThread = rows };
        RowTiles = checked((int)Tiles(shape.Rows, y * rows));
        Shape = new LaunchShape(checked((uint)RowTiles), checked((uint)tiles), 1, (uint)x, (uint)y, 1, 0);
        IsWide = wide > 1;
    }

    public Columns Columns { get; }

    /// <summary>Blocks one below the other.</summary>
    public int RowTiles { get; }

    public LaunchShape Shape { get; }

    public bool IsWide { get; }

    /// <summary>For passes that read and write: enough blocks to fill a large device several times over.</summary>
    public static ColumnGrid ForPass(DType type, Shape shape, bool isAligned) =>
        new(shape, Wide(type, shape, isAligned), 16, 1, 1024);

    /// <summary>For sums over rows: few partial sums, and no thread has more rows than it can add well.</summary>
    public static ColumnGrid ForSums(DType type, Shape shape, bool isAligned) =>
        new(shape, Wide(type, shape, isAligned), 64, 8, 512);

    private static int Wide(DType type, Shape shape, bool isAligned)
    {
        var wide = CudaVariants.Wide(type);
        return isAligned && shape.Channels % wide == 0 ? wide : 1;
    }

    private static long Tiles(long rows, int rowsPerTile) => (rows + rowsPerTile - 1) / rowsPerTile;
}
