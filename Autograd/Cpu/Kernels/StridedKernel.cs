using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <summary>
/// Rows that lie at a fixed distance in memory: the kernel windows of neighbouring pixels of a padded image row.
/// </summary>
/// <typeparam name="T">Element type.</typeparam>
internal unsafe struct StridedRows<T>
    where T : unmanaged
{
    /// <summary>First element of the first window.</summary>
    public T* A;

    /// <summary>Elements from one pixel's window to the next one's.</summary>
    public nint PixelStep;

    /// <summary>Pieces of a window (kernel rows).</summary>
    public int Segments;

    /// <summary>Contiguous elements of one piece.</summary>
    public int Length;

    /// <summary>Elements from one piece to the next.</summary>
    public nint SegmentStep;
}

/// <summary>Where the tile of a <see cref="StridedKernel{T, V, S}"/> goes.</summary>
/// <typeparam name="T">Element type.</typeparam>
internal unsafe struct StridedOutput<T>
    where T : unmanaged
{
    /// <summary>What is done to the sums before they are stored.</summary>
    public ConvEpilogue<T> Epilogue;

    /// <summary>The tensor of outputs.</summary>
    public T* Output;

    /// <summary>Index of the tile's first element.</summary>
    public nint Index;

    /// <summary>Elements from one pixel to the next.</summary>
    public nint PixelStep;

    /// <summary>Channel of the tile's first element.</summary>
    public nint Channel;
}

/// <summary>Multiplies strided rows by a packed panel of one or two vectors per depth step.</summary>
/// <remarks>
/// The depth is short, 9 to 27 for a first layer, so the tile goes from the registers through the epilogue to its
/// place,
/// and small tiles fit the right edge of the image. Tiles of four pixels by four vectors are no faster.
/// </remarks>
/// <typeparam name="T">Element type.</typeparam>
/// <typeparam name="V">Vector type.</typeparam>
/// <typeparam name="S">Instructions.</typeparam>
internal static unsafe partial class StridedKernel<T, V, S>
    where T : unmanaged
    where V : unmanaged
    where S : struct, ISimd<T, V>
{
    /// <summary>Most pixels of a tile.</summary>
    public const int MaxPixels = 8;

    /// <summary>Pixels of a tile that has this many pixels still to go; it may overshoot.</summary>
    public static int Pixels(int remaining, int vectors) =>
        remaining > 4 && vectors <= (S.Rows == 12 ? 2 : 1) ? 8 : 4;

    /// <summary>Output pixels = rows * panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(in StridedRows<T> rows, T* panel, int pixels, int vectors, in StridedOutput<T> to)
    {
        if (pixels == 8)
        {
            if (vectors == 2)
            {
                Rows8x2(rows, panel, to);
            }
            else
            {
                Rows8x1(rows, panel, to);
            }
        }
        else if (vectors == 2)
        {
            Rows4x2(rows, panel, to);
        }
        else
        {
            Rows4x1(rows, panel, to);
        }
    }
}
