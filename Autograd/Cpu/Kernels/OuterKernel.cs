using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <summary>
/// A three-level walk over pixels: planes (images) of rows of contiguous runs, in two buffers at once.
/// </summary>
/// <typeparam name="T">Element type.</typeparam>
internal unsafe struct OuterRuns<T>
    where T : unmanaged
{
    /// <summary>First element of the left operand, whose rows lie side by side.</summary>
    public T* A;

    /// <summary>First element of the right operand.</summary>
    public T* B;

    /// <summary>Pixels of a run, and the elements from one pixel to the next.</summary>
    public int Length;

    /// <summary>Left elements per pixel.</summary>
    public nint StepA;

    /// <summary>Right elements per pixel.</summary>
    public nint StepB;

    /// <summary>Runs of a plane.</summary>
    public int Rows;

    /// <summary>Left elements per run.</summary>
    public nint RowA;

    /// <summary>Right elements per run.</summary>
    public nint RowB;

    /// <summary>Number of planes.</summary>
    public int Planes;

    /// <summary>Left elements per plane.</summary>
    public nint PlaneA;

    /// <summary>Right elements per plane.</summary>
    public nint PlaneB;
}

/// <summary>
/// The weight gradient's micro-kernel: sums outer products over pixels into a tile of rows by one or two vectors.
/// </summary>
/// <remarks>Each element is one chain of multiply-adds in pixel order that continues from the tile's old
/// value.</remarks>
/// <typeparam name="T">Element type.</typeparam>
/// <typeparam name="V">Vector type.</typeparam>
/// <typeparam name="S">Instructions.</typeparam>
internal static unsafe partial class OuterKernel<T, V, S>
    where T : unmanaged
    where V : unmanaged
    where S : struct, ISimd<T, V>
{
    /// <summary>Rows of the small tile, which takes what the tiles of <c>S.Rows</c> rows leave over.</summary>
    public const int SmallRows = 4;

    /// <summary>
    /// tile[rows, vectors * Width] += sum over pixels of a[pixel, row] * b[pixel, column]; rows is S.Rows or 4.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(in OuterRuns<T> runs, int rows, int vectors, T* tile)
    {
        if (rows == SmallRows)
        {
            if (vectors == 2)
            {
                Rows4x2(runs, tile);
            }
            else
            {
                Rows4x1(runs, tile);
            }
        }
        else if (S.Rows == 12)
        {
            if (vectors == 2)
            {
                Rows12x2(runs, tile);
            }
            else
            {
                Rows12x1(runs, tile);
            }
        }
        else if (vectors == 2)
        {
            Rows6x2(runs, tile);
        }
        else
        {
            Rows6x1(runs, tile);
        }
    }

    /// <summary>The rows of the tile that starts with this many rows still to go.</summary>
    public static int TileRows(int remaining) => remaining > (S.Rows == 12 ? 8 : 4) ? S.Rows : SmallRows;
}
