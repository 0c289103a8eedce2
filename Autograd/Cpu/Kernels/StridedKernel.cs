using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <summary>Rows that lie at a fixed distance in memory: the kernel windows of neighbouring pixels of a padded image row.</summary>
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

/// <summary>Multiplies four strided rows by a packed panel of one, two or four vectors per depth step.</summary>
/// <remarks>
/// Four rows suffice here: the depth is short (9 to 27 for a first layer), so rows lost at the right edge of the image
/// cost more than the extra loads of a small tile.
/// </remarks>
/// <typeparam name="T">Element type.</typeparam>
/// <typeparam name="V">Vector type.</typeparam>
/// <typeparam name="S">Instructions.</typeparam>
internal static unsafe class StridedKernel<T, V, S>
    where T : unmanaged
    where V : unmanaged
    where S : struct, ISimd<T, V>
{
    /// <summary>Pixels of a tile.</summary>
    public const int Rows = 4;

    /// <summary>tile[4, vectors * Width] = rows * panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(in StridedRows<T> rows, T* panel, int vectors, T* tile)
    {
        if (vectors == 4)
        {
            Rows4x4(rows, panel, tile);
        }
        else if (vectors == 2)
        {
            Rows4x2(rows, panel, tile);
        }
        else
        {
            Rows4x1(rows, panel, tile);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4x4(in StridedRows<T> rows, T* b, T* tile)
    {
        int w = S.Width;
        V c0a = S.Zero, c0b = S.Zero, c0c = S.Zero, c0d = S.Zero;
        V c1a = S.Zero, c1b = S.Zero, c1c = S.Zero, c1d = S.Zero;
        V c2a = S.Zero, c2b = S.Zero, c2c = S.Zero, c2d = S.Zero;
        V c3a = S.Zero, c3b = S.Zero, c3c = S.Zero, c3d = S.Zero;
        V x;
        T* segment = rows.A;
        nint pixel = rows.PixelStep;
        for (int s = rows.Segments; s > 0; s--)
        {
            T* a0 = segment;
            T* a1 = a0 + pixel;
            T* a2 = a1 + pixel;
            T* a3 = a2 + pixel;
            for (nint i = 0; i < rows.Length; i++)
            {
                V b0 = S.Load(b);
                V b1 = S.Load(b + w);
                V b2 = S.Load(b + (2 * w));
                V b3 = S.Load(b + (3 * w));
                x = S.Broadcast(a0 + i);
                c0a = S.Fma(x, b0, c0a); c0b = S.Fma(x, b1, c0b); c0c = S.Fma(x, b2, c0c); c0d = S.Fma(x, b3, c0d);
                x = S.Broadcast(a1 + i);
                c1a = S.Fma(x, b0, c1a); c1b = S.Fma(x, b1, c1b); c1c = S.Fma(x, b2, c1c); c1d = S.Fma(x, b3, c1d);
                x = S.Broadcast(a2 + i);
                c2a = S.Fma(x, b0, c2a); c2b = S.Fma(x, b1, c2b); c2c = S.Fma(x, b2, c2c); c2d = S.Fma(x, b3, c2d);
                x = S.Broadcast(a3 + i);
                c3a = S.Fma(x, b0, c3a); c3b = S.Fma(x, b1, c3b); c3c = S.Fma(x, b2, c3c); c3d = S.Fma(x, b3, c3d);
                b += 4 * w;
            }

            segment += rows.SegmentStep;
        }

        S.Store(tile, c0a);
        S.Store(tile + w, c0b);
        S.Store(tile + (2 * w), c0c);
        S.Store(tile + (3 * w), c0d);
        S.Store(tile + (4 * w), c1a);
        S.Store(tile + (5 * w), c1b);
        S.Store(tile + (6 * w), c1c);
        S.Store(tile + (7 * w), c1d);
        S.Store(tile + (8 * w), c2a);
        S.Store(tile + (9 * w), c2b);
        S.Store(tile + (10 * w), c2c);
        S.Store(tile + (11 * w), c2d);
        S.Store(tile + (12 * w), c3a);
        S.Store(tile + (13 * w), c3b);
        S.Store(tile + (14 * w), c3c);
        S.Store(tile + (15 * w), c3d);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4x2(in StridedRows<T> rows, T* b, T* tile)
    {
        int w = S.Width;
        V c0a = S.Zero, c0b = S.Zero;
        V c1a = S.Zero, c1b = S.Zero;
        V c2a = S.Zero, c2b = S.Zero;
        V c3a = S.Zero, c3b = S.Zero;
        V x;
        T* segment = rows.A;
        nint pixel = rows.PixelStep;
        for (int s = rows.Segments; s > 0; s--)
        {
            T* a0 = segment;
            T* a1 = a0 + pixel;
            T* a2 = a1 + pixel;
            T* a3 = a2 + pixel;
            for (nint i = 0; i < rows.Length; i++)
            {
                V b0 = S.Load(b);
                V b1 = S.Load(b + w);
                x = S.Broadcast(a0 + i);
                c0a = S.Fma(x, b0, c0a); c0b = S.Fma(x, b1, c0b);
                x = S.Broadcast(a1 + i);
                c1a = S.Fma(x, b0, c1a); c1b = S.Fma(x, b1, c1b);
                x = S.Broadcast(a2 + i);
                c2a = S.Fma(x, b0, c2a); c2b = S.Fma(x, b1, c2b);
                x = S.Broadcast(a3 + i);
                c3a = S.Fma(x, b0, c3a); c3b = S.Fma(x, b1, c3b);
                b += 2 * w;
            }

            segment += rows.SegmentStep;
        }

        S.Store(tile, c0a);
        S.Store(tile + w, c0b);
        S.Store(tile + (2 * w), c1a);
        S.Store(tile + (3 * w), c1b);
        S.Store(tile + (4 * w), c2a);
        S.Store(tile + (5 * w), c2b);
        S.Store(tile + (6 * w), c3a);
        S.Store(tile + (7 * w), c3b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4x1(in StridedRows<T> rows, T* b, T* tile)
    {
        int w = S.Width;
        V c0a = S.Zero;
        V c1a = S.Zero;
        V c2a = S.Zero;
        V c3a = S.Zero;
        V x;
        T* segment = rows.A;
        nint pixel = rows.PixelStep;
        for (int s = rows.Segments; s > 0; s--)
        {
            T* a0 = segment;
            T* a1 = a0 + pixel;
            T* a2 = a1 + pixel;
            T* a3 = a2 + pixel;
            for (nint i = 0; i < rows.Length; i++)
            {
                V b0 = S.Load(b);
                x = S.Broadcast(a0 + i);
                c0a = S.Fma(x, b0, c0a);
                x = S.Broadcast(a1 + i);
                c1a = S.Fma(x, b0, c1a);
                x = S.Broadcast(a2 + i);
                c2a = S.Fma(x, b0, c2a);
                x = S.Broadcast(a3 + i);
                c3a = S.Fma(x, b0, c3a);
                b += w;
            }

            segment += rows.SegmentStep;
        }

        S.Store(tile, c0a);
        S.Store(tile + w, c1a);
        S.Store(tile + (2 * w), c2a);
        S.Store(tile + (3 * w), c3a);
    }
}
