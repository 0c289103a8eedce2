using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <content>Tiles of eight or four pixels.</content>
internal static unsafe partial class StridedKernel<T, V, S>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows8x2(in StridedRows<T> rows, T* b, in StridedOutput<T> to)
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
        V x;
        T* segment = rows.A;
        nint step1 = rows.PixelStep, step2 = 2 * step1, step3 = 3 * step1;
        for (int s = rows.Segments; s > 0; s--)
        {
            T* d = segment;
            T* e = segment + (4 * step1);
            for (int i = rows.Length; i > 0; i--)
            {
                V b0 = S.Load(b);
                V b1 = S.Load(b + w);
                x = S.Broadcast(d);
                c0a = S.Fma(x, b0, c0a); c0b = S.Fma(x, b1, c0b);
                x = S.Broadcast(d + step1);
                c1a = S.Fma(x, b0, c1a); c1b = S.Fma(x, b1, c1b);
                x = S.Broadcast(d + step2);
                c2a = S.Fma(x, b0, c2a); c2b = S.Fma(x, b1, c2b);
                x = S.Broadcast(d + step3);
                c3a = S.Fma(x, b0, c3a); c3b = S.Fma(x, b1, c3b);
                x = S.Broadcast(e);
                c4a = S.Fma(x, b0, c4a); c4b = S.Fma(x, b1, c4b);
                x = S.Broadcast(e + step1);
                c5a = S.Fma(x, b0, c5a); c5b = S.Fma(x, b1, c5b);
                x = S.Broadcast(e + step2);
                c6a = S.Fma(x, b0, c6a); c6b = S.Fma(x, b1, c6b);
                x = S.Broadcast(e + step3);
                c7a = S.Fma(x, b0, c7a); c7b = S.Fma(x, b1, c7b);
                d++;
                e++;
                b += 2 * w;
            }

            segment += rows.SegmentStep;
        }

        nint index = to.Index, pixel = to.PixelStep, channel = to.Channel;
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index, channel, c0a);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + w, channel + w, c0b);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + pixel, channel, c1a);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + pixel + w, channel + w, c1b);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (2 * pixel), channel, c2a);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (2 * pixel) + w, channel + w, c2b);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (3 * pixel), channel, c3a);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (3 * pixel) + w, channel + w, c3b);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (4 * pixel), channel, c4a);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (4 * pixel) + w, channel + w, c4b);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (5 * pixel), channel, c5a);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (5 * pixel) + w, channel + w, c5b);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (6 * pixel), channel, c6a);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (6 * pixel) + w, channel + w, c6b);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (7 * pixel), channel, c7a);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (7 * pixel) + w, channel + w, c7b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows8x1(in StridedRows<T> rows, T* b, in StridedOutput<T> to)
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
        V x;
        T* segment = rows.A;
        nint step1 = rows.PixelStep, step2 = 2 * step1, step3 = 3 * step1;
        for (int s = rows.Segments; s > 0; s--)
        {
            T* d = segment;
            T* e = segment + (4 * step1);
            for (int i = rows.Length; i > 0; i--)
            {
                V b0 = S.Load(b);
                x = S.Broadcast(d);
                c0a = S.Fma(x, b0, c0a);
                x = S.Broadcast(d + step1);
                c1a = S.Fma(x, b0, c1a);
                x = S.Broadcast(d + step2);
                c2a = S.Fma(x, b0, c2a);
                x = S.Broadcast(d + step3);
                c3a = S.Fma(x, b0, c3a);
                x = S.Broadcast(e);
                c4a = S.Fma(x, b0, c4a);
                x = S.Broadcast(e + step1);
                c5a = S.Fma(x, b0, c5a);
                x = S.Broadcast(e + step2);
                c6a = S.Fma(x, b0, c6a);
                x = S.Broadcast(e + step3);
                c7a = S.Fma(x, b0, c7a);
                d++;
                e++;
                b += w;
            }

            segment += rows.SegmentStep;
        }

        nint index = to.Index, pixel = to.PixelStep, channel = to.Channel;
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index, channel, c0a);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + pixel, channel, c1a);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (2 * pixel), channel, c2a);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (3 * pixel), channel, c3a);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (4 * pixel), channel, c4a);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (5 * pixel), channel, c5a);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (6 * pixel), channel, c6a);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (7 * pixel), channel, c7a);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4x2(in StridedRows<T> rows, T* b, in StridedOutput<T> to)
    {
        int w = S.Width;
        V c0a = S.Zero, c0b = S.Zero;
        V c1a = S.Zero, c1b = S.Zero;
        V c2a = S.Zero, c2b = S.Zero;
        V c3a = S.Zero, c3b = S.Zero;
        V x;
        T* segment = rows.A;
        nint step1 = rows.PixelStep, step2 = 2 * step1, step3 = 3 * step1;
        for (int s = rows.Segments; s > 0; s--)
        {
            T* d = segment;
            for (int i = rows.Length; i > 0; i--)
            {
                V b0 = S.Load(b);
                V b1 = S.Load(b + w);
                x = S.Broadcast(d);
                c0a = S.Fma(x, b0, c0a); c0b = S.Fma(x, b1, c0b);
                x = S.Broadcast(d + step1);
                c1a = S.Fma(x, b0, c1a); c1b = S.Fma(x, b1, c1b);
                x = S.Broadcast(d + step2);
                c2a = S.Fma(x, b0, c2a); c2b = S.Fma(x, b1, c2b);
                x = S.Broadcast(d + step3);
                c3a = S.Fma(x, b0, c3a); c3b = S.Fma(x, b1, c3b);
                d++;
                b += 2 * w;
            }

            segment += rows.SegmentStep;
        }

        nint index = to.Index, pixel = to.PixelStep, channel = to.Channel;
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index, channel, c0a);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + w, channel + w, c0b);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + pixel, channel, c1a);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + pixel + w, channel + w, c1b);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (2 * pixel), channel, c2a);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (2 * pixel) + w, channel + w, c2b);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (3 * pixel), channel, c3a);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (3 * pixel) + w, channel + w, c3b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4x1(in StridedRows<T> rows, T* b, in StridedOutput<T> to)
    {
        int w = S.Width;
        V c0a = S.Zero;
        V c1a = S.Zero;
        V c2a = S.Zero;
        V c3a = S.Zero;
        V x;
        T* segment = rows.A;
        nint step1 = rows.PixelStep, step2 = 2 * step1, step3 = 3 * step1;
        for (int s = rows.Segments; s > 0; s--)
        {
            T* d = segment;
            for (int i = rows.Length; i > 0; i--)
            {
                V b0 = S.Load(b);
                x = S.Broadcast(d);
                c0a = S.Fma(x, b0, c0a);
                x = S.Broadcast(d + step1);
                c1a = S.Fma(x, b0, c1a);
                x = S.Broadcast(d + step2);
                c2a = S.Fma(x, b0, c2a);
                x = S.Broadcast(d + step3);
                c3a = S.Fma(x, b0, c3a);
                d++;
                b += w;
            }

            segment += rows.SegmentStep;
        }

        nint index = to.Index, pixel = to.PixelStep, channel = to.Channel;
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index, channel, c0a);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + pixel, channel, c1a);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (2 * pixel), channel, c2a);
        EpilogueWriter<T, V, S>.Store(to.Epilogue, to.Output, index + (3 * pixel), channel, c3a);
    }
}
