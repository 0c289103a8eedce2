using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <summary>Weight gradient as a sum of outer products of output gradients and inputs, for every geometry.</summary>
/// <remarks>
/// A task owns one part of the batch, one panel of input channels and one group of output channels. It walks its images
/// in blocks of some hundred pixels, packs both operands of a block into the cache and adds the block to all of its
/// tiles. Kernel taps that reach over the border walk fewer pixels instead of multiplying zeros: on 4x4 images that
/// is 31 % of the work.
/// </remarks>
/// <typeparam name="T">Element type.</typeparam>
/// <typeparam name="V">Vector type.</typeparam>
/// <typeparam name="S">Instructions.</typeparam>
internal sealed unsafe partial class OuterProductGradient<T, V, S> : ConvWeightGradientKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where V : unmanaged
    where S : struct, ISimd<T, V>
{
    private const int BlockPixels = 256;
    private const int GroupChannels = 128;
    private const int WantedTasks = 16;

    private readonly ConvShape _shape;
    private readonly int _panels;
    private readonly int _groups;
    private readonly int _parts;
    private readonly int _blockImages;
    private readonly int _blockRows;

    /// <summary>Prepares the shape.</summary>
    public OuterProductGradient(in ConvShape shape)
    {
        _shape = shape;
        _panels = Panels<T, V, S>.Count(shape.InChannels);
        _groups = (shape.OutChannels + GroupChannels - 1) / GroupChannels;
        _parts = Math.Clamp(WantedTasks / (_panels * _groups), 1, WantedTasks);
        int pixels = shape.OutHeight * shape.OutWidth;
        _blockImages = Math.Max(1, BlockPixels / pixels);
        _blockRows = _blockImages > 1 ? shape.OutHeight : Math.Clamp(BlockPixels / shape.OutWidth, 1, shape.OutHeight);
    }

    /// <inheritdoc/>
    public override string Name => string.Create(CultureInfo.InvariantCulture, $"outer-product-{typeof(S).Name}");

    // Rows of all tiles of a group; a tile's missing rows are computed from zeros and dropped.
    private int GroupRows => Tiles.TotalRows(Math.Min(GroupChannels, _shape.OutChannels));

    private int Taps => _shape.KernelHeight * _shape.KernelWidth;

    private nint TaskSums => (nint)GroupRows * Taps * Panels<T, V, S>.Full;

    private int BlockInputRows =>
        Math.Min(_shape.Height, ((_blockRows - 1) * _shape.StrideH) + _shape.KernelHeight);

    private nint PackedInput => (nint)_blockImages * BlockInputRows * _shape.Width * Panels<T, V, S>.Full;

    // One vector of slack: rows of a tile are copied by whole vectors.
    private nint PackedGradient =>
        ((nint)_blockImages * _blockRows * _shape.OutWidth * GroupRows) + S.Width;

    private nint WorkerBytes => CpuMemory.Align((PackedInput + PackedGradient) * sizeof(T));

    /// <inheritdoc/>
    public override long WorkspaceBytes(int n, int threads) =>
        CpuMemory.Align((nint)_parts * _panels * _groups * TaskSums * sizeof(T)) + (threads * WorkerBytes);

    /// <inheritdoc/>
    public override void Run(
        int n, T* input, T* outputGradient, T* weightGradient, byte* workspace, CpuWorkers workers)
    {
        Job job = new()
        {
            Shape = _shape,
            N = n,
            Input = input,
            Gradient = outputGradient,
            Result = weightGradient,
            Sums = (T*)workspace,
            Workspace = workspace + CpuMemory.Align((nint)_parts * _panels * _groups * TaskSums * sizeof(T)),
            WorkerBytes = WorkerBytes,
            TaskSums = TaskSums,
            PackedInput = PackedInput,
            Panels = _panels,
            Groups = _groups,
            Parts = _parts,
            BlockImages = _blockImages,
            BlockRows = _blockRows,
        };
        workers.Run(_parts * _panels * _groups, &RunTask, &job);
        workers.Run(_panels * _groups, &AddParts, &job);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunTask(void* context, int task, int worker)
    {
        ref Job job = ref *(Job*)context;
        T* packedInput = (T*)(job.Workspace + (worker * job.WorkerBytes));
        T* packedGradient = packedInput + job.PackedInput;
        T* sums = job.Sums + (task * job.TaskSums);
        new Span<T>(sums, (int)job.TaskSums).Clear();

        int part = task / (job.Panels * job.Groups);
        Block block = new(job, task);
        int endImage = (int)((long)job.N * (part + 1) / job.Parts);
        for (int image = (int)((long)job.N * part / job.Parts); image < endImage; image += job.BlockImages)
        {
            block.Image = image;
            block.Images = Math.Min(job.BlockImages, endImage - image);
            for (int row = 0; row < job.Shape.OutHeight; row += job.BlockRows)
            {
                block.SetRows(job.Shape, row, Math.Min(row + job.BlockRows, job.Shape.OutHeight));
                PackInput(job, block, packedInput);
                PackGradient(job, block, packedGradient);
                AddBlock(job, block, packedInput, packedGradient, sums);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddBlock(in Job job, in Block block, T* packedInput, T* packedGradient, T* sums)
    {
        ref readonly ConvShape shape = ref job.Shape;
        nint panelWidth = block.Vectors * S.Width;
        nint rowPixels = shape.OutWidth;
        nint planePixels = rowPixels * (block.EndRow - block.Row);
        OuterRuns<T> runs = new()
        {
            StepB = shape.StrideW * panelWidth,
            RowB = shape.StrideH * shape.Width * panelWidth,
            Planes = block.Images,
            PlaneB = (nint)(block.EndInputRow - block.InputRow) * shape.Width * panelWidth,
        };
        int rows;
        for (int k = 0; k < block.Channels; k += rows)
        {
            rows = OuterKernel<T, V, S>.TileRows(block.Channels - k);
            runs.StepA = rows;
            runs.RowA = rowPixels * rows;
            runs.PlaneA = planePixels * rows;
            for (int r = 0; r < shape.KernelHeight; r++)
            {
                int top = Math.Max(block.Row, Inside.First(shape.PadH - r, shape.StrideH));
                int end = Math.Min(block.EndRow, Inside.End(shape.Height + shape.PadH - r, shape.StrideH));
                for (int s = 0; s < shape.KernelWidth; s++)
                {
                    int left = Inside.First(shape.PadW - s, shape.StrideW);
                    int right = Math.Min(shape.OutWidth, Inside.End(shape.Width + shape.PadW - s, shape.StrideW));
                    if (top < end && left < right)
                    {
                        nint inputRow = (top * shape.StrideH) + r - shape.PadH - block.InputRow;
                        nint inputColumn = (left * shape.StrideW) + s - shape.PadW;
                        runs.A = packedGradient + ((((top - block.Row) * rowPixels) + left) * rows);
                        runs.B = packedInput + (((inputRow * shape.Width) + inputColumn) * panelWidth);
                        runs.Length = right - left;
                        runs.Rows = end - top;
                        OuterKernel<T, V, S>.Run(runs, rows, block.Vectors, sums);
                    }

                    sums += rows * panelWidth;
                }
            }

            packedGradient += block.Images * planePixels * rows;
        }
    }

    private struct Job
    {
        public ConvShape Shape;
        public int N;
        public T* Input;
        public T* Gradient;
        public T* Result;
        public T* Sums;
        public byte* Workspace;
        public nint WorkerBytes;
        public nint TaskSums;
        public nint PackedInput;
        public int Panels;
        public int Groups;
        public int Parts;
        public int BlockImages;
        public int BlockRows;
    }

    // What one packing step covers.
    private struct Block
    {
        public int FirstInChannel, InChannels, Vectors;
        public int FirstChannel, Channels;
        public int Image, Images;
        public int Row, EndRow, InputRow, EndInputRow;

        public Block(in Job job, int task)
        {
            int panel = task % job.Panels;
            int group = task / job.Panels % job.Groups;
            FirstInChannel = panel * Panels<T, V, S>.Full;
            InChannels = Panels<T, V, S>.Channels(job.Shape.InChannels, panel);
            Vectors = Panels<T, V, S>.Vectors(job.Shape.InChannels, panel);
            FirstChannel = group * GroupChannels;
            Channels = Math.Min(GroupChannels, job.Shape.OutChannels - FirstChannel);
        }

        public void SetRows(in ConvShape shape, int row, int end)
        {
            Row = row;
            EndRow = end;
            InputRow = Math.Clamp((row * shape.StrideH) - shape.PadH, 0, shape.Height);
            EndInputRow = Math.Clamp(
                ((end - 1) * shape.StrideH) - shape.PadH + shape.KernelHeight, InputRow, shape.Height);
        }
    }

    private static class Tiles
    {
        public static int TotalRows(int channels)
        {
            int total = 0;
            for (int k = 0; k < channels; k = total)
            {
                total += OuterKernel<T, V, S>.TileRows(channels - k);
            }

            return total;
        }
    }
}
