using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <content>Tiles of 6 rows.</content>
internal static unsafe partial class PanelKernel<T, V, S>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows6x2(nint depth, T* a, T* b, T* tile, bool accumulate)
    {
        int w = S.Width;
        V c0a = S.Zero, c0b = S.Zero;
        V c1a = S.Zero, c1b = S.Zero;
        V c2a = S.Zero, c2b = S.Zero;
        V c3a = S.Zero, c3b = S.Zero;
        V c4a = S.Zero, c4b = S.Zero;
        V c5a = S.Zero, c5b = S.Zero;
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
                a += 2;
                b += 4 * w;
            }

            a += 5 * w;
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
    private static void Rows6x1(nint depth, T* a, T* b, T* tile, bool accumulate)
    {
        int w = S.Width;
        V c0a = S.Zero;
        V c1a = S.Zero;
        V c2a = S.Zero;
        V c3a = S.Zero;
        V c4a = S.Zero;
        V c5a = S.Zero;
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
                a += 2;
                b += 2 * w;
            }

            a += 5 * w;
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
        }

        S.Store(tile, c0a);
        S.Store(tile + w, c1a);
        S.Store(tile + (2 * w), c2a);
        S.Store(tile + (3 * w), c3a);
        S.Store(tile + (4 * w), c4a);
        S.Store(tile + (5 * w), c5a);
    }
}
