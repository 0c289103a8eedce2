using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <content>Copies a block's operands into the cache, and adds the parts of the batch.</content>
internal sealed unsafe partial class OuterProductGradient<T, V, S>
{
    // [image][row][column][channel of the panel]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackInput(in Job job, in Block block, T* to)
    {
        ref readonly ConvShape shape = ref job.Shape;
        nint channels = shape.InChannels;
        int rows = block.EndInputRow - block.InputRow;
        bool whole = block.InChannels == block.Vectors * S.Width;
        for (int i = 0; i < block.Images; i++)
        {
            nint firstPixel = (((nint)(block.Image + i) * shape.Height) + block.InputRow) * shape.Width;
            T* from = job.Input + (firstPixel * channels) + block.FirstInChannel;
            for (nint pixel = (nint)rows * shape.Width; pixel > 0; pixel--)
            {
                if (whole && block.Vectors == 2)
                {
                    S.Store(to, S.Load(from));
                    S.Store(to + S.Width, S.Load(from + S.Width));
                }
                else
                {
                    for (int v = 0; v < block.Vectors; v++)
                    {
                        int lanes = Math.Min(S.Width, block.InChannels - (v * S.Width));
                        S.Store(to + (v * S.Width), S.LoadPartial(from + (v * S.Width), lanes));
                    }
                }

                from += channels;
                to += block.Vectors * S.Width;
            }
        }
    }

    // [tile of output channels][image][row][column][channel of the tile]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackGradient(in Job job, in Block block, T* to)
    {
        ref readonly ConvShape shape = ref job.Shape;
        nint channels = shape.OutChannels;
        int rows;
        for (int k = 0; k < block.Channels; k += rows)
        {
            rows = OuterKernel<T, V, S>.TileRows(block.Channels - k);
            int first = block.FirstChannel + k;
            for (int i = 0; i < block.Images; i++)
            {
                nint firstPixel = (((nint)(block.Image + i) * shape.OutHeight) + block.Row) * shape.OutWidth;
                T* from = job.Gradient + (firstPixel * channels) + first;
                for (nint pixel = (nint)(block.EndRow - block.Row) * shape.OutWidth; pixel > 0; pixel--)
                {
                    // A whole vector may spill into the next pixel, which is written after this one.
                    for (int j = 0; j < rows; j += S.Width)
                    {
                        int lanes = shape.OutChannels - first - j;
                        V v = lanes >= S.Width ? S.Load(from + j) : S.LoadPartial(from + j, Math.Max(lanes, 0));
                        S.Store(to + j, v);
                    }

                    from += channels;
                    to += rows;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddParts(void* context, int task, int worker)
    {
        ref Job job = ref *(Job*)context;
        ref readonly ConvShape shape = ref job.Shape;
        Block block = new(job, task);
        nint tasks = (nint)job.Panels * job.Groups;
        int taps = shape.KernelHeight * shape.KernelWidth;
        int panelWidth = block.Vectors * S.Width;
        T* sums = job.Sums + (task * job.TaskSums);
        int rows;
        for (int k = 0; k < block.Channels; k += rows)
        {
            rows = OuterKernel<T, V, S>.TileRows(block.Channels - k);
            for (int tap = 0; tap < taps; tap++)
            {
                for (int row = 0; row < rows; row++, sums += panelWidth)
                {
                    if (k + row >= block.Channels)
                    {
                        continue;
                    }

                    nint channel = block.FirstChannel + k + row;
                    T* to = job.Result + (((channel * taps) + tap) * shape.InChannels) + block.FirstInChannel;
                    for (int i = 0; i < block.InChannels; i += S.Width)
                    {
                        V sum = S.Load(sums + i);
                        for (int part = 1; part < job.Parts; part++)
                        {
                            sum = S.Add(sum, S.Load(sums + (part * tasks * job.TaskSums) + i));
                        }

                        S.StorePartial(to + i, sum, Math.Min(S.Width, block.InChannels - i));
                    }
                }
            }
        }
    }
}
