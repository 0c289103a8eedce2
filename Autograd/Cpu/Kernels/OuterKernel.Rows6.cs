using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <content>Tiles of 6 rows.</content>
internal static unsafe partial class OuterKernel<T, V, S>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows6x2(in OuterRuns<T> runs, T* tile)
    {
        int w = S.Width;
        V c0a = S.Zero, c0b = S.Zero;
        V c1a = S.Zero, c1b = S.Zero;
        V c2a = S.Zero, c2b = S.Zero;
        V c3a = S.Zero, c3b = S.Zero;
        V c4a = S.Zero, c4b = S.Zero;
        V c5a = S.Zero, c5b = S.Zero;
        V x;
        c0a = S.Load(tile); c0b = S.Load(tile + w);
        c1a = S.Load(tile + (2 * w)); c1b = S.Load(tile + (3 * w));
        c2a = S.Load(tile + (4 * w)); c2b = S.Load(tile + (5 * w));
        c3a = S.Load(tile + (6 * w)); c3b = S.Load(tile + (7 * w));
        c4a = S.Load(tile + (8 * w)); c4b = S.Load(tile + (9 * w));
        c5a = S.Load(tile + (10 * w)); c5b = S.Load(tile + (11 * w));
        T* planeA = runs.A;
        T* planeB = runs.B;
        nint stepA = runs.StepA, stepB = runs.StepB;
        for (int plane = runs.Planes; plane > 0; plane--)
        {
            T* rowA = planeA;
            T* rowB = planeB;
            for (int row = runs.Rows; row > 0; row--)
            {
                T* a = rowA;
                T* b = rowB;
                for (int i = runs.Length; i > 0; i--)
                {
                    V b0 = S.Load(b);
                    V b1 = S.Load(b + w);
                    x = S.Broadcast(a);
                    c0a = S.Fma(x, b0, c0a); c0b = S.Fma(x, b1, c0b);
                    x = S.Broadcast(a + 1);
                    c1a = S.Fma(x, b0, c1a); c1b = S.Fma(x, b1, c1b);
                    x = S.Broadcast(a + 2);
                    c2a = S.Fma(x, b0, c2a); c2b = S.Fma(x, b1, c2b);
                    x = S.Broadcast(a + 3);
                    c3a = S.Fma(x, b0, c3a); c3b = S.Fma(x, b1, c3b);
                    x = S.Broadcast(a + 4);
                    c4a = S.Fma(x, b0, c4a); c4b = S.Fma(x, b1, c4b);
                    x = S.Broadcast(a + 5);
                    c5a = S.Fma(x, b0, c5a); c5b = S.Fma(x, b1, c5b);
                    a += stepA;
                    b += stepB;
                }

                rowA += runs.RowA;
                rowB += runs.RowB;
            }

            planeA += runs.PlaneA;
            planeB += runs.PlaneB;
        }

        S.Store(tile, c0a);
        S.Store(tile + w, c0b);
        S.Store(tile + (2 * w), c1a);
        S.Store(tile + (3 * w), c1b);
        S.Store(tile + (4 * w), c2a);
        S.Store(tile + (5 * w), c2b);
        S.Store(tile + (6 * w), c3a);
        S.Store(tile + (7 * w), c3b);
        S.Store(tile + (8 * w), c4a);
        S.Store(tile + (9 * w), c4b);
        S.Store(tile + (10 * w), c5a);
        S.Store(tile + (11 * w), c5b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows6x1(in OuterRuns<T> runs, T* tile)
    {
        int w = S.Width;
        V c0a = S.Zero;
        V c1a = S.Zero;
        V c2a = S.Zero;
        V c3a = S.Zero;
        V c4a = S.Zero;
        V c5a = S.Zero;
        V x;
        c0a = S.Load(tile);
        c1a = S.Load(tile + w);
        c2a = S.Load(tile + (2 * w));
        c3a = S.Load(tile + (3 * w));
        c4a = S.Load(tile + (4 * w));
        c5a = S.Load(tile + (5 * w));
        T* planeA = runs.A;
        T* planeB = runs.B;
        nint stepA = runs.StepA, stepB = runs.StepB;
        for (int plane = runs.Planes; plane > 0; plane--)
        {
            T* rowA = planeA;
            T* rowB = planeB;
            for (int row = runs.Rows; row > 0; row--)
            {
                T* a = rowA;
                T* b = rowB;
                for (int i = runs.Length; i > 0; i--)
                {
                    V b0 = S.Load(b);
                    x = S.Broadcast(a);
                    c0a = S.Fma(x, b0, c0a);
                    x = S.Broadcast(a + 1);
                    c1a = S.Fma(x, b0, c1a);
                    x = S.Broadcast(a + 2);
                    c2a = S.Fma(x, b0, c2a);
                    x = S.Broadcast(a + 3);
                    c3a = S.Fma(x, b0, c3a);
                    x = S.Broadcast(a + 4);
                    c4a = S.Fma(x, b0, c4a);
                    x = S.Broadcast(a + 5);
                    c5a = S.Fma(x, b0, c5a);
                    a += stepA;
                    b += stepB;
                }

                rowA += runs.RowA;
                rowB += runs.RowB;
            }

            planeA += runs.PlaneA;
            planeB += runs.PlaneB;
        }

        S.Store(tile, c0a);
        S.Store(tile + w, c1a);
        S.Store(tile + (2 * w), c2a);
        S.Store(tile + (3 * w), c3a);
        S.Store(tile + (4 * w), c4a);
        S.Store(tile + (5 * w), c5a);
    }
}
