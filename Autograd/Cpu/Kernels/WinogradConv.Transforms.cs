using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <content>The transforms of tiles: inputs by B^T d B, sums by A^T m A.</content>
internal sealed unsafe partial class WinogradConv<T, V, S>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransformInputs(in Job job, long firstTile, int tiles, T* zeros, T* left)
    {
        int channels = job.Pass.InChannels;
        int whole = channels / S.Width;
        int rest = channels % S.Width;
        T* patch = zeros + Panels<T, V, S>.Padded(channels);
        T** pixels = stackalloc T*[Positions];
        nint blockElements = Positions * job.InputPosition;
        PixelWalk walk = new(firstTile, job.TilesY, job.TilesX);
        for (int tile = 0; tile < tiles; tile++)
        {
            FindPixels(job, walk, zeros, pixels);
            T* to = left + (tile / S.Rows * blockElements) + (tile % S.Rows * S.Width);
            TransformInput(pixels, whole, to, job.InputPosition);
            if (rest != 0)
            {
                for (int p = 0; p < Positions; p++)
                {
                    S.Store(patch + (p * S.Width), S.LoadPartial(pixels[p] + (whole * S.Width), rest));
                    pixels[p] = patch + (p * S.Width);
                }

                TransformInput(pixels, 1, to + ((nint)whole * S.Rows * S.Width), job.InputPosition);
            }

            walk.Next();
        }
    }

    // The 16 pixels under a tile; those outside the image are the page of zeros.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FindPixels(in Job job, in PixelWalk walk, T* zeros, T** pixels)
    {
        int height = job.Pass.InHeight, width = job.Pass.InWidth;
        nint channels = job.Pass.InChannels;
        int top = (2 * walk.Y) - job.PadH;
        int leftColumn = (2 * walk.X) - job.PadW;
        T* origin = job.Input + ((((nint)walk.Image * height) + top) * width + leftColumn) * channels;
        for (int i = 0; i < 4; i++)
        {
            bool rowInside = (uint)(top + i) < (uint)height;
            for (int j = 0; j < 4; j++)
            {
                bool inside = rowInside && (uint)(leftColumn + j) < (uint)width;
                pixels[(4 * i) + j] = inside ? origin + (((nint)i * width) + j) * channels : zeros;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransformInput(T** p, int chunks, T* to, nint position)
    {
        nint c = 0;
        for (; chunks > 0; chunks--)
        {
            V d00 = S.Load(p[0] + c), d10 = S.Load(p[4] + c);
            V d20 = S.Load(p[8] + c), d30 = S.Load(p[12] + c);
            V t00 = S.Sub(d00, d20), t10 = S.Add(d10, d20), t20 = S.Sub(d20, d10), t30 = S.Sub(d10, d30);
            V d01 = S.Load(p[1] + c), d11 = S.Load(p[5] + c);
            V d21 = S.Load(p[9] + c), d31 = S.Load(p[13] + c);
            V t01 = S.Sub(d01, d21), t11 = S.Add(d11, d21), t21 = S.Sub(d21, d11), t31 = S.Sub(d11, d31);
            V d02 = S.Load(p[2] + c), d12 = S.Load(p[6] + c);
            V d22 = S.Load(p[10] + c), d32 = S.Load(p[14] + c);
            V t02 = S.Sub(d02, d22), t12 = S.Add(d12, d22), t22 = S.Sub(d22, d12), t32 = S.Sub(d12, d32);
            V d03 = S.Load(p[3] + c), d13 = S.Load(p[7] + c);
            V d23 = S.Load(p[11] + c), d33 = S.Load(p[15] + c);
            V t03 = S.Sub(d03, d23), t13 = S.Add(d13, d23), t23 = S.Sub(d23, d13), t33 = S.Sub(d13, d33);

            T* row0 = to;
            S.Store(row0, S.Sub(t00, t02));
            S.Store(row0 + position, S.Add(t01, t02));
            S.Store(row0 + (2 * position), S.Sub(t02, t01));
            S.Store(row0 + (3 * position), S.Sub(t01, t03));
            T* row1 = to + (4 * position);
            S.Store(row1, S.Sub(t10, t12));
            S.Store(row1 + position, S.Add(t11, t12));
            S.Store(row1 + (2 * position), S.Sub(t12, t11));
            S.Store(row1 + (3 * position), S.Sub(t11, t13));
            T* row2 = to + (8 * position);
            S.Store(row2, S.Sub(t20, t22));
            S.Store(row2 + position, S.Add(t21, t22));
            S.Store(row2 + (2 * position), S.Sub(t22, t21));
            S.Store(row2 + (3 * position), S.Sub(t21, t23));
            T* row3 = to + (12 * position);
            S.Store(row3, S.Sub(t30, t32));
            S.Store(row3 + position, S.Add(t31, t32));
            S.Store(row3 + (2 * position), S.Sub(t32, t31));
            S.Store(row3 + (3 * position), S.Sub(t31, t33));
            c += S.Width;
            to += S.Rows * S.Width;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransformOutputs(in Job job, long firstTile, int tiles, int panel, int vectors, T* sums)
    {
        ConvEpilogue<T> epilogue = job.Epilogue;
        int height = job.Pass.OutHeight, width = job.Pass.OutWidth;
        nint channels = job.Pass.OutChannels;
        nint firstChannel = (nint)panel * Panels<T, V, S>.Full;
        int panelChannels = Panels<T, V, S>.Channels(job.Pass.OutChannels, panel);
        PixelWalk walk = new(firstTile, job.TilesY, job.TilesX);
        for (int tile = 0; tile < tiles; tile++)
        {
            int y = 2 * walk.Y, x = 2 * walk.X;
            nint index = (((((nint)walk.Image * height) + y) * width + x) * channels) + firstChannel;
            nint below = width * channels;
            bool hasBelow = y + 1 < height, hasRight = x + 1 < width;
            T* from = sums + ((nint)tile * vectors * S.Width);
            for (int i = 0; i < panelChannels; i += S.Width)
            {
                TransformOutput(from + i, job.SumPosition, out V y00, out V y01, out V y10, out V y11);
                int count = panelChannels - i;
                Put(epilogue, job.Output, index + i, firstChannel + i, y00, count);
                if (hasRight)
                {
                    Put(epilogue, job.Output, index + channels + i, firstChannel + i, y01, count);
                }

                if (hasBelow)
                {
                    Put(epilogue, job.Output, index + below + i, firstChannel + i, y10, count);
                    if (hasRight)
                    {
                        Put(epilogue, job.Output, index + below + channels + i, firstChannel + i, y11, count);
                    }
                }
            }

            walk.Next();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(in ConvEpilogue<T> epilogue, T* output, nint index, nint channel, V v, int count)
    {
        if (count >= S.Width)
        {
            EpilogueWriter<T, V, S>.Store(epilogue, output, index, channel, v);
        }
        else
        {
            EpilogueWriter<T, V, S>.StorePartial(epilogue, output, index, channel, v, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransformOutput(T* from, nint position, out V y00, out V y01, out V y10, out V y11)
    {
        V m00 = S.Load(from), m10 = S.Load(from + (4 * position));
        V m20 = S.Load(from + (8 * position)), m30 = S.Load(from + (12 * position));
        V s00 = S.Add(S.Add(m00, m10), m20), s10 = S.Sub(S.Sub(m10, m20), m30);
        V m01 = S.Load(from + (1 * position)), m11 = S.Load(from + (5 * position));
        V m21 = S.Load(from + (9 * position)), m31 = S.Load(from + (13 * position));
        V s01 = S.Add(S.Add(m01, m11), m21), s11 = S.Sub(S.Sub(m11, m21), m31);
        V m02 = S.Load(from + (2 * position)), m12 = S.Load(from + (6 * position));
        V m22 = S.Load(from + (10 * position)), m32 = S.Load(from + (14 * position));
        V s02 = S.Add(S.Add(m02, m12), m22), s12 = S.Sub(S.Sub(m12, m22), m32);
        V m03 = S.Load(from + (3 * position)), m13 = S.Load(from + (7 * position));
        V m23 = S.Load(from + (11 * position)), m33 = S.Load(from + (15 * position));
        V s03 = S.Add(S.Add(m03, m13), m23), s13 = S.Sub(S.Sub(m13, m23), m33);

        y00 = S.Add(S.Add(s00, s01), s02);
        y01 = S.Sub(S.Sub(s01, s02), s03);
        y10 = S.Add(S.Add(s10, s11), s12);
        y11 = S.Sub(S.Sub(s11, s12), s13);
    }
}
