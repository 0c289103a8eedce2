using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <content>Sums over taps and depth for eight neighbouring pixels by three or one channels.</content>
internal sealed unsafe partial class StemInputGradient<T, V, S>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum8x3(in Taps taps, int channel, T* to)
    {
        V c0a = S.Zero, c0b = S.Zero, c0c = S.Zero;
        V c1a = S.Zero, c1b = S.Zero, c1c = S.Zero;
        V c2a = S.Zero, c2b = S.Zero, c2c = S.Zero;
        V c3a = S.Zero, c3b = S.Zero, c3c = S.Zero;
        V c4a = S.Zero, c4b = S.Zero, c4c = S.Zero;
        V c5a = S.Zero, c5b = S.Zero, c5c = S.Zero;
        V c6a = S.Zero, c6b = S.Zero, c6c = S.Zero;
        V c7a = S.Zero, c7b = S.Zero, c7c = S.Zero;
        nint depth = taps.Depth;
        nint step1 = depth, step2 = 2 * depth, step3 = 3 * depth;
        V x;
        for (int i = 0; i < taps.WindowCount; i++)
        {
            T* pixels = taps.Windows[i].Pixels;
            T* weights = taps.Windows[i].Weights + (channel * depth);
            for (int s = taps.Columns; s > 0; s--)
            {
                T* d = pixels;
                T* e = pixels + (4 * depth);
                T* w = weights;
                T* end = w + depth;
                for (; w < end; w += S.Width)
                {
                    V w0 = S.Load(w);
                    V w1 = S.Load(w + depth);
                    V w2 = S.Load(w + (2 * depth));
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

                pixels -= depth;
                weights += taps.WeightStep;
            }
        }

        nint pixel = taps.Channels;
        to[0] = S.Sum(c0a); to[1] = S.Sum(c0b); to[2] = S.Sum(c0c);
        to[pixel] = S.Sum(c1a); to[pixel + 1] = S.Sum(c1b); to[pixel + 2] = S.Sum(c1c);
        to[2 * pixel] = S.Sum(c2a); to[(2 * pixel) + 1] = S.Sum(c2b); to[(2 * pixel) + 2] = S.Sum(c2c);
        to[3 * pixel] = S.Sum(c3a); to[(3 * pixel) + 1] = S.Sum(c3b); to[(3 * pixel) + 2] = S.Sum(c3c);
        to[4 * pixel] = S.Sum(c4a); to[(4 * pixel) + 1] = S.Sum(c4b); to[(4 * pixel) + 2] = S.Sum(c4c);
        to[5 * pixel] = S.Sum(c5a); to[(5 * pixel) + 1] = S.Sum(c5b); to[(5 * pixel) + 2] = S.Sum(c5c);
        to[6 * pixel] = S.Sum(c6a); to[(6 * pixel) + 1] = S.Sum(c6b); to[(6 * pixel) + 2] = S.Sum(c6c);
        to[7 * pixel] = S.Sum(c7a); to[(7 * pixel) + 1] = S.Sum(c7b); to[(7 * pixel) + 2] = S.Sum(c7c);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum8x1(in Taps taps, int channel, T* to)
    {
        V c0a = S.Zero;
        V c1a = S.Zero;
        V c2a = S.Zero;
        V c3a = S.Zero;
        V c4a = S.Zero;
        V c5a = S.Zero;
        V c6a = S.Zero;
        V c7a = S.Zero;
        nint depth = taps.Depth;
        nint step1 = depth, step2 = 2 * depth, step3 = 3 * depth;
        for (int i = 0; i < taps.WindowCount; i++)
        {
            T* pixels = taps.Windows[i].Pixels;
            T* weights = taps.Windows[i].Weights + (channel * depth);
            for (int s = taps.Columns; s > 0; s--)
            {
                T* d = pixels;
                T* e = pixels + (4 * depth);
                T* w = weights;
                T* end = w + depth;
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

                pixels -= depth;
                weights += taps.WeightStep;
            }
        }

        nint pixel = taps.Channels;
        to[0] = S.Sum(c0a);
        to[pixel] = S.Sum(c1a);
        to[2 * pixel] = S.Sum(c2a);
        to[3 * pixel] = S.Sum(c3a);
        to[4 * pixel] = S.Sum(c4a);
        to[5 * pixel] = S.Sum(c5a);
        to[6 * pixel] = S.Sum(c6a);
        to[7 * pixel] = S.Sum(c7a);
    }
}
