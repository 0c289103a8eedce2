using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <content>Walks the tiles of a task.</content>
internal sealed unsafe partial class WinogradConv<T, V, S, F>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransformInputs(in Job job, long firstTile, int tiles, T* zeros, T* left)
    {
        int channels = job.Pass.InChannels;
        int whole = channels / S.Width;
        int rest = channels % S.Width;
        T* patch = zeros + Panels<T, V, S>.Padded(channels);
        T** pixels = stackalloc T*[F.Window * F.Window];
        nint blockElements = F.Positions * job.InputPosition;
        PixelWalk walk = new(firstTile, job.TilesY, job.TilesX);
        for (int tile = 0; tile < tiles; tile++)
        {
            FindPixels(job, walk, zeros, pixels);
            T* to = left + (tile / S.Rows * blockElements) + (tile % S.Rows * S.Width);
            F.TransformInput(pixels, whole, to, job.InputPosition);
            if (rest != 0)
            {
                for (int p = 0; p < F.Window * F.Window; p++)
                {
                    S.Store(patch + (p * S.Width), S.LoadPartial(pixels[p] + (whole * S.Width), rest));
                    pixels[p] = patch + (p * S.Width);
                }

                F.TransformInput(pixels, 1, to + ((nint)whole * S.Rows * S.Width), job.InputPosition);
            }

            walk.Next();
        }
    }

    // The pixels under a tile; those outside the image are the page of zeros.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FindPixels(in Job job, in PixelWalk walk, T* zeros, T** pixels)
    {
        int height = job.Pass.InHeight, width = job.Pass.InWidth;
        nint channels = job.Pass.InChannels;
        int top = (F.Step * walk.Y) - job.PadH;
        int leftColumn = (F.Step * walk.X) - job.PadW;
        T* origin = job.Input + ((((nint)walk.Image * height) + top) * width + leftColumn) * channels;
        for (int i = 0; i < F.Window; i++)
        {
            bool rowInside = (uint)(top + i) < (uint)height;
            for (int j = 0; j < F.Window; j++)
            {
                bool inside = rowInside && (uint)(leftColumn + j) < (uint)width;
                pixels[(F.Window * i) + j] = inside ? origin + (((nint)i * width) + j) * channels : zeros;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransformOutputs(in Job job, long firstTile, int tiles, int panel, int vectors, T* sums)
    {
        int height = job.Pass.OutHeight, width = job.Pass.OutWidth;
        nint channels = job.Pass.OutChannels;
        int panelChannels = Panels<T, V, S>.Channels(job.Pass.OutChannels, panel);
        WinogradTile<T, V, S> target = new()
        {
            Epilogue = job.Epilogue,
            Output = job.Output,
            Row = width * channels,
            Pixel = channels,
        };
        PixelWalk walk = new(firstTile, job.TilesY, job.TilesX);
        for (int tile = 0; tile < tiles; tile++)
        {
            int y = F.Outputs * walk.Y, x = F.Outputs * walk.X;
            nint firstChannel = (nint)panel * Panels<T, V, S>.Full;
            nint index = ((((nint)walk.Image * height) + y) * width + x) * channels;
            target.Rows = height - y;
            target.Columns = width - x;
            T* from = sums + ((nint)tile * vectors * S.Width);
            for (int i = 0; i < panelChannels; i += S.Width)
            {
                target.Channel = firstChannel + i;
                target.Index = index + target.Channel;
                target.Lanes = panelChannels - i;
                F.TransformOutput(from + i, job.SumPosition, target);
            }

            walk.Next();
        }
    }
}
