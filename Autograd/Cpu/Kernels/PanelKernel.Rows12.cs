using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <content>Tiles of 12 rows.</content>
internal static unsafe partial class PanelKernel<T, V, S>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows12x2(nint depth, T* a, T* b, T* tile, bool accumulate)
    {
        int w = S.Width;
        V c0a = S.Zero, c0b = S.Zero;
        V c1a = S.Zero, c1b = S.Zero;
        V c2a = S.Zero, c2b = S.Zero;
        V c3a = S.Zero, c3b = S.Zero;
        V c4a = S.Zero, c4b = S.Zero;
        V c5a = S.Zero, c5b = S.Zero;
        V c6a = S.Zero, c6b = S.Zero;
        V c7a = S.Zero, c7b = S.Zero;
        V c8a = S.Zero, c8b = S.Zero;
        V c9a = S.Zero, c9b = S.Zero;
        V c10a = S.Zero, c10b = S.Zero;
        V c11a = S.Zero, c11b = S.Zero;
        V x;
        for (; depth >= w; depth -= w)
        {
            for (int i = 0; i < w; i += 2)
            {
                V b0 = S.Load(b);
                V b1 = S.Load(b + w);
                x = S.Broadcast(a);
                c0a = S.Fma(x, b0, c0a); c0b = S.Fma(x, b1, c0b);
                x = S.Broadcast(a + w);
                c1a = S.Fma(x, b0, c1a); c1b = S.Fma(x, b1, c1b);
                x = S.Broadcast(a + (2 * w));
                c2a = S.Fma(x, b0, c2a); c2b = S.Fma(x, b1, c2b);
                x = S.Broadcast(a + (3 * w));
                c3a = S.Fma(x, b0, c3a); c3b = S.Fma(x, b1, c3b);
                x = S.Broadcast(a + (4 * w));
                c4a = S.Fma(x, b0, c4a); c4b = S.Fma(x, b1, c4b);
                x = S.Broadcast(a + (5 * w));
                c5a = S.Fma(x, b0, c5a); c5b = S.Fma(x, b1, c5b);
                x = S.Broadcast(a + (6 * w));
                c6a = S.Fma(x, b0, c6a); c6b = S.Fma(x, b1, c6b);
                x = S.Broadcast(a + (7 * w));
                c7a = S.Fma(x, b0, c7a); c7b = S.Fma(x, b1, c7b);
                x = S.Broadcast(a + (8 * w));
                c8a = S.Fma(x, b0, c8a); c8b = S.Fma(x, b1, c8b);
                x = S.Broadcast(a + (9 * w));
                c9a = S.Fma(x, b0, c9a); c9b = S.Fma(x, b1, c9b);
                x = S.Broadcast(a + (10 * w));
                c10a = S.Fma(x, b0, c10a); c10b = S.Fma(x, b1, c10b);
                x = S.Broadcast(a + (11 * w));
                c11a = S.Fma(x, b0, c11a); c11b = S.Fma(x, b1, c11b);
                b0 = S.Load(b + (2 * w));
                b1 = S.Load(b + (3 * w));
                x = S.Broadcast(a + 1);
                c0a = S.Fma(x, b0, c0a); c0b = S.Fma(x, b1, c0b);
                x = S.Broadcast(a + 1 + w);
                c1a = S.Fma(x, b0, c1a); c1b = S.Fma(x, b1, c1b);
                x = S.Broadcast(a + 1 + (2 * w));
                c2a = S.Fma(x, b0, c2a); c2b = S.Fma(x, b1, c2b);
                x = S.Broadcast(a + 1 + (3 * w));
                c3a = S.Fma(x, b0, c3a); c3b = S.Fma(x, b1, c3b);
                x = S.Broadcast(a + 1 + (4 * w));
                c4a = S.Fma(x, b0, c4a); c4b = S.Fma(x, b1, c4b);
                x = S.Broadcast(a + 1 + (5 * w));
                c5a = S.Fma(x, b0, c5a); c5b = S.Fma(x, b1, c5b);
                x = S.Broadcast(a + 1 + (6 * w));
                c6a = S.Fma(x, b0, c6a); c6b = S.Fma(x, b1, c6b);
                x = S.Broadcast(a + 1 + (7 * w));
                c7a = S.Fma(x, b0, c7a); c7b = S.Fma(x, b1, c7b);
                x = S.Broadcast(a + 1 + (8 * w));
                c8a = S.Fma(x, b0, c8a); c8b = S.Fma(x, b1, c8b);
                x = S.Broadcast(a + 1 + (9 * w));
                c9a = S.Fma(x, b0, c9a); c9b = S.Fma(x, b1, c9b);
                x = S.Broadcast(a + 1 + (10 * w));
                c10a = S.Fma(x, b0, c10a); c10b = S.Fma(x, b1, c10b);
                x = S.Broadcast(a + 1 + (11 * w));
                c11a = S.Fma(x, b0, c11a); c11b = S.Fma(x, b1, c11b);
                a += 2;
                b += 4 * w;
            }

            a += 11 * w;
        }

        for (; depth > 0; depth--)
        {
            V t0 = S.Load(b);
            V t1 = S.Load(b + w);
            x = S.Broadcast(a);
            c0a = S.Fma(x, t0, c0a); c0b = S.Fma(x, t1, c0b);
            x = S.Broadcast(a + w);
            c1a = S.Fma(x, t0, c1a); c1b = S.Fma(x, t1, c1b);
            x = S.Broadcast(a + (2 * w));
            c2a = S.Fma(x, t0, c2a); c2b = S.Fma(x, t1, c2b);
            x = S.Broadcast(a + (3 * w));
            c3a = S.Fma(x, t0, c3a); c3b = S.Fma(x, t1, c3b);
            x = S.Broadcast(a + (4 * w));
            c4a = S.Fma(x, t0, c4a); c4b = S.Fma(x, t1, c4b);
            x = S.Broadcast(a + (5 * w));
            c5a = S.Fma(x, t0, c5a); c5b = S.Fma(x, t1, c5b);
            x = S.Broadcast(a + (6 * w));
            c6a = S.Fma(x, t0, c6a); c6b = S.Fma(x, t1, c6b);
            x = S.Broadcast(a + (7 * w));
            c7a = S.Fma(x, t0, c7a); c7b = S.Fma(x, t1, c7b);
            x = S.Broadcast(a + (8 * w));
            c8a = S.Fma(x, t0, c8a); c8b = S.Fma(x, t1, c8b);
            x = S.Broadcast(a + (9 * w));
            c9a = S.Fma(x, t0, c9a); c9b = S.Fma(x, t1, c9b);
            x = S.Broadcast(a + (10 * w));
            c10a = S.Fma(x, t0, c10a); c10b = S.Fma(x, t1, c10b);
            x = S.Broadcast(a + (11 * w));
            c11a = S.Fma(x, t0, c11a); c11b = S.Fma(x, t1, c11b);
            a++;
            b += 2 * w;
        }

        if (accumulate)
        {
            c0a = S.Add(S.Load(tile), c0a); c0b = S.Add(S.Load(tile + w), c0b);
            c1a = S.Add(S.Load(tile + (2 * w)), c1a); c1b = S.Add(S.Load(tile + (3 * w)), c1b);
            c2a = S.Add(S.Load(tile + (4 * w)), c2a); c2b = S.Add(S.Load(tile + (5 * w)), c2b);
            c3a = S.Add(S.Load(tile + (6 * w)), c3a); c3b = S.Add(S.Load(tile + (7 * w)), c3b);
            c4a = S.Add(S.Load(tile + (8 * w)), c4a); c4b = S.Add(S.Load(tile + (9 * w)), c4b);
            c5a = S.Add(S.Load(tile + (10 * w)), c5a); c5b = S.Add(S.Load(tile + (11 * w)), c5b);
            c6a = S.Add(S.Load(tile + (12 * w)), c6a); c6b = S.Add(S.Load(tile + (13 * w)), c6b);
            c7a = S.Add(S.Load(tile + (14 * w)), c7a); c7b = S.Add(S.Load(tile + (15 * w)), c7b);
            c8a = S.Add(S.Load(tile + (16 * w)), c8a); c8b = S.Add(S.Load(tile + (17 * w)), c8b);
            c9a = S.Add(S.Load(tile + (18 * w)), c9a); c9b = S.Add(S.Load(tile + (19 * w)), c9b);
            c10a = S.Add(S.Load(tile + (20 * w)), c10a); c10b = S.Add(S.Load(tile + (21 * w)), c10b);
            c11a = S.Add(S.Load(tile + (22 * w)), c11a); c11b = S.Add(S.Load(tile + (23 * w)), c11b);
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
        S.Store(tile + (12 * w), c6a);
        S.Store(tile + (13 * w), c6b);
        S.Store(tile + (14 * w), c7a);
        S.Store(tile + (15 * w), c7b);
        S.Store(tile + (16 * w), c8a);
        S.Store(tile + (17 * w), c8b);
        S.Store(tile + (18 * w), c9a);
        S.Store(tile + (19 * w), c9b);
        S.Store(tile + (20 * w), c10a);
        S.Store(tile + (21 * w), c10b);
        S.Store(tile + (22 * w), c11a);
        S.Store(tile + (23 * w), c11b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows12x1(nint depth, T* a, T* b, T* tile, bool accumulate)
    {
        int w = S.Width;
        V c0a = S.Zero;
        V c1a = S.Zero;
        V c2a = S.Zero;
        V c3a = S.Zero;
        V c4a = S.Zero;
        V c5a = S.Zero;
        V c6a = S.Zero;
        V c7a = S.Zero;
        V c8a = S.Zero;
        V c9a = S.Zero;
        V c10a = S.Zero;
        V c11a = S.Zero;
        V x;
        for (; depth >= w; depth -= w)
        {
            for (int i = 0; i < w; i += 2)
            {
                V b0 = S.Load(b);
                x = S.Broadcast(a);
                c0a = S.Fma(x, b0, c0a);
                x = S.Broadcast(a + w);
                c1a = S.Fma(x, b0, c1a);
                x = S.Broadcast(a + (2 * w));
                c2a = S.Fma(x, b0, c2a);
                x = S.Broadcast(a + (3 * w));
                c3a = S.Fma(x, b0, c3a);
                x = S.Broadcast(a + (4 * w));
                c4a = S.Fma(x, b0, c4a);
                x = S.Broadcast(a + (5 * w));
                c5a = S.Fma(x, b0, c5a);
                x = S.Broadcast(a + (6 * w));
                c6a = S.Fma(x, b0, c6a);
                x = S.Broadcast(a + (7 * w));
                c7a = S.Fma(x, b0, c7a);
                x = S.Broadcast(a + (8 * w));
                c8a = S.Fma(x, b0, c8a);
                x = S.Broadcast(a + (9 * w));
                c9a = S.Fma(x, b0, c9a);
                x = S.Broadcast(a + (10 * w));
                c10a = S.Fma(x, b0, c10a);
                x = S.Broadcast(a + (11 * w));
                c11a = S.Fma(x, b0, c11a);
                b0 = S.Load(b + w);
                x = S.Broadcast(a + 1);
                c0a = S.Fma(x, b0, c0a);
                x = S.Broadcast(a + 1 + w);
                c1a = S.Fma(x, b0, c1a);
                x = S.Broadcast(a + 1 + (2 * w));
                c2a = S.Fma(x, b0, c2a);
                x = S.Broadcast(a + 1 + (3 * w));
                c3a = S.Fma(x, b0, c3a);
                x = S.Broadcast(a + 1 + (4 * w));
                c4a = S.Fma(x, b0, c4a);
                x = S.Broadcast(a + 1 + (5 * w));
                c5a = S.Fma(x, b0, c5a);
                x = S.Broadcast(a + 1 + (6 * w));
                c6a = S.Fma(x, b0, c6a);
                x = S.Broadcast(a + 1 + (7 * w));
                c7a = S.Fma(x, b0, c7a);
                x = S.Broadcast(a + 1 + (8 * w));
                c8a = S.Fma(x, b0, c8a);
                x = S.Broadcast(a + 1 + (9 * w));
                c9a = S.Fma(x, b0, c9a);
                x = S.Broadcast(a + 1 + (10 * w));
                c10a = S.Fma(x, b0, c10a);
                x = S.Broadcast(a + 1 + (11 * w));
                c11a = S.Fma(x, b0, c11a);
                a += 2;
                b += 2 * w;
            }

            a += 11 * w;
        }

        for (; depth > 0; depth--)
        {
            V t0 = S.Load(b);
            x = S.Broadcast(a);
            c0a = S.Fma(x, t0, c0a);
            x = S.Broadcast(a + w);
            c1a = S.Fma(x, t0, c1a);
            x = S.Broadcast(a + (2 * w));
            c2a = S.Fma(x, t0, c2a);
            x = S.Broadcast(a + (3 * w));
            c3a = S.Fma(x, t0, c3a);
            x = S.Broadcast(a + (4 * w));
            c4a = S.Fma(x, t0, c4a);
            x = S.Broadcast(a + (5 * w));
            c5a = S.Fma(x, t0, c5a);
            x = S.Broadcast(a + (6 * w));
            c6a = S.Fma(x, t0, c6a);
            x = S.Broadcast(a + (7 * w));
            c7a = S.Fma(x, t0, c7a);
            x = S.Broadcast(a + (8 * w));
            c8a = S.Fma(x, t0, c8a);
            x = S.Broadcast(a + (9 * w));
            c9a = S.Fma(x, t0, c9a);
            x = S.Broadcast(a + (10 * w));
            c10a = S.Fma(x, t0, c10a);
            x = S.Broadcast(a + (11 * w));
            c11a = S.Fma(x, t0, c11a);
            a++;
            b += w;
        }

        if (accumulate)
        {
            c0a = S.Add(S.Load(tile), c0a);
            c1a = S.Add(S.Load(tile + w), c1a);
            c2a = S.Add(S.Load(tile + (2 * w)), c2a);
            c3a = S.Add(S.Load(tile + (3 * w)), c3a);
            c4a = S.Add(S.Load(tile + (4 * w)), c4a);
            c5a = S.Add(S.Load(tile + (5 * w)), c5a);
            c6a = S.Add(S.Load(tile + (6 * w)), c6a);
            c7a = S.Add(S.Load(tile + (7 * w)), c7a);
            c8a = S.Add(S.Load(tile + (8 * w)), c8a);
            c9a = S.Add(S.Load(tile + (9 * w)), c9a);
            c10a = S.Add(S.Load(tile + (10 * w)), c10a);
            c11a = S.Add(S.Load(tile + (11 * w)), c11a);
        }

        S.Store(tile, c0a);
        S.Store(tile + w, c1a);
        S.Store(tile + (2 * w), c2a);
        S.Store(tile + (3 * w), c3a);
        S.Store(tile + (4 * w), c4a);
        S.Store(tile + (5 * w), c5a);
        S.Store(tile + (6 * w), c6a);
        S.Store(tile + (7 * w), c7a);
        S.Store(tile + (8 * w), c8a);
        S.Store(tile + (9 * w), c9a);
        S.Store(tile + (10 * w), c10a);
        S.Store(tile + (11 * w), c11a);
    }
}
