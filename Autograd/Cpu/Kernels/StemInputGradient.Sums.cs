using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <content>
/// Sums over taps and depth for neighbouring pixels and three channels or one, stored [pixel][channel].
/// </content>
internal sealed unsafe partial class StemInputGradient<T, V, S>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum8x3(in Taps taps, T* pixels, T* weights, T* to)
    {
        V c0a = S.Zero, c0b = S.Zero, c0c = S.Zero;
        V c1a = S.Zero, c1b = S.Zero, c1c = S.Zero;
        V c2a = S.Zero, c2b = S.Zero, c2c = S.Zero;
        V c3a = S.Zero, c3b = S.Zero, c3c = S.Zero;
        V c4a = S.Zero, c4b = S.Zero, c4c = S.Zero;
        V c5a = S.Zero, c5b = S.Zero, c5c = S.Zero;
        V c6a = S.Zero, c6b = S.Zero, c6c = S.Zero;
        V c7a = S.Zero, c7b = S.Zero, c7c = S.Zero;
        nint run = taps.Run;
        nint step1 = taps.Depth, step2 = 2 * step1, step3 = 3 * step1;
        V x;
        for (int r = taps.Rows; r > 0; r--)
        {
            T* d = pixels;
            T* e = pixels + (4 * taps.Depth);
            T* w = weights;
            T* end = w + run;
            for (; w < end; w += S.Width)
            {
                V w0 = S.Load(w);
                V w1 = S.Load(w + run);
                V w2 = S.Load(w + (2 * run));
                x = S.Load(d);
                c0a = S.Fma(x, w0, c0a); c0b = S.Fma(x, w1, c0b); c0c = S.Fma(x, w2, c0c);
                x = S.Load(d + step1);
                c1a = S.Fma(x, w0, c1a); c1b = S.Fma(x, w1, c1b); c1c = S.Fma(x, w2, c1c);
                x = S.Load(d + step2);
                c2a = S.Fma(x, w0, c2a); c2b = S.Fma(x, w1, c2b); c2c = S.Fma(x, w2, c2c);
                x = S.Load(d + step3);
                c3a = S.Fma(x, w0, c3a); c3b = S.Fma(x, w1, c3b); c3c = S.Fma(x, w2, c3c);
                x = S.Load(e);
                c4a = S.Fma(x, w0, c4a); c4b = S.Fma(x, w1, c4b); c4c = S.Fma(x, w2, c4c);
                x = S.Load(e + step1);
                c5a = S.Fma(x, w0, c5a); c5b = S.Fma(x, w1, c5b); c5c = S.Fma(x, w2, c5c);
                x = S.Load(e + step2);
                c6a = S.Fma(x, w0, c6a); c6b = S.Fma(x, w1, c6b); c6c = S.Fma(x, w2, c6c);
                x = S.Load(e + step3);
                c7a = S.Fma(x, w0, c7a); c7b = S.Fma(x, w1, c7b); c7c = S.Fma(x, w2, c7c);
                d += S.Width;
                e += S.Width;
            }

            pixels += taps.PixelRow;
            weights += taps.WeightRow;
        }

        S.StoreSums(to, c0a, c0b, c0c, c1a, c1b, c1c, c2a, c2b);
        S.StoreSums(to + 8, c2c, c3a, c3b, c3c, c4a, c4b, c4c, c5a);
        S.StoreSums(to + 16, c5b, c5c, c6a, c6b, c6c, c7a, c7b, c7c);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum8x1(in Taps taps, T* pixels, T* weights, T* to)
    {
        V c0a = S.Zero;
        V c1a = S.Zero;
        V c2a = S.Zero;
        V c3a = S.Zero;
        V c4a = S.Zero;
        V c5a = S.Zero;
        V c6a = S.Zero;
        V c7a = S.Zero;
        nint run = taps.Run;
        nint step1 = taps.Depth, step2 = 2 * step1, step3 = 3 * step1;
        for (int r = taps.Rows; r > 0; r--)
        {
            T* d = pixels;
            T* e = pixels + (4 * taps.Depth);
            T* w = weights;
            T* end = w + run;
            for (; w < end; w += S.Width)
            {
                V w0 = S.Load(w);
                c0a = S.Fma(S.Load(d), w0, c0a);
                c1a = S.Fma(S.Load(d + step1), w0, c1a);
                c2a = S.Fma(S.Load(d + step2), w0, c2a);
                c3a = S.Fma(S.Load(d + step3), w0, c3a);
                c4a = S.Fma(S.Load(e), w0, c4a);
                c5a = S.Fma(S.Load(e + step1), w0, c5a);
                c6a = S.Fma(S.Load(e + step2), w0, c6a);
                c7a = S.Fma(S.Load(e + step3), w0, c7a);
                d += S.Width;
                e += S.Width;
            }

            pixels += taps.PixelRow;
            weights += taps.WeightRow;
        }

        S.StoreSums(to, c0a, c1a, c2a, c3a, c4a, c5a, c6a, c7a);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum4x1(in Taps taps, T* pixels, T* weights, T* to)
    {
        V c0a = S.Zero;
        V c1a = S.Zero;
        V c2a = S.Zero;
        V c3a = S.Zero;
        nint run = taps.Run;
        nint step1 = taps.Depth, step2 = 2 * step1, step3 = 3 * step1;
        for (int r = taps.Rows; r > 0; r--)
        {
            T* d = pixels;
            T* w = weights;
            T* end = w + run;
            for (; w < end; w += S.Width)
            {
                V w0 = S.Load(w);
                c0a = S.Fma(S.Load(d), w0, c0a);
                c1a = S.Fma(S.Load(d + step1), w0, c1a);
                c2a = S.Fma(S.Load(d + step2), w0, c2a);
                c3a = S.Fma(S.Load(d + step3), w0, c3a);
                d += S.Width;
            }

            pixels += taps.PixelRow;
            weights += taps.WeightRow;
        }

        S.StoreSums(to, c0a, c1a, c2a, c3a, S.Zero, S.Zero, S.Zero, S.Zero);
    }
}
