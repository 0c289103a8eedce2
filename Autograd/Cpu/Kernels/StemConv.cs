using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <summary>Forward convolution of images with few channels, such as a network's first layer.</summary>
/// <remarks>
/// A few input rows are copied into a zero-bordered buffer, where the windows of neighbouring pixels lie at a fixed
/// distance and each kernel row of a window is contiguous; nothing else is rearranged.
/// </remarks>
/// <typeparam name="T">Element type.</typeparam>
/// <typeparam name="V">Vector type.</typeparam>
/// <typeparam name="S">Instructions.</typeparam>
internal sealed unsafe class StemConv<T, V, S> : ConvKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where V : unmanaged
    where S : struct, ISimd<T, V>
{
    private const int MaxChannels = 4;
    private const int TaskRows = 8;

    private readonly ConvShape _shape;

    /// <summary>Prepares the pass; <see cref="Fits"/> must hold.</summary>
    public StemConv(in ConvShape shape) => _shape = shape;

    /// <inheritdoc/>
    public override string Name => string.Create(CultureInfo.InvariantCulture, $"stem-Forward-{typeof(S).Name}");

    /// <inheritdoc/>
    public override long PackedElements => (long)Depth * Panels<T, V, S>.Padded(_shape.OutChannels);

    private int Depth => _shape.KernelHeight * _shape.KernelWidth * _shape.InChannels;

    // The right edge is padded to whole tiles of pixels.
    private int PixelsPerRow =>
        (_shape.OutWidth + StridedKernel<T, V, S>.MaxPixels - 1)
        / StridedKernel<T, V, S>.MaxPixels * StridedKernel<T, V, S>.MaxPixels;

    private int BufferRow =>
        Math.Max(_shape.PadW + _shape.Width, ((PixelsPerRow - 1) * _shape.StrideW) + _shape.KernelWidth)
        * _shape.InChannels;

    private int BufferRows => ((TaskRows - 1) * _shape.StrideH) + _shape.KernelHeight;

    private nint WorkerBytes => CpuMemory.Align(
        sizeof(T) * (Panels<T, V, S>.Padded(BufferRows * BufferRow)
            + (StridedKernel<T, V, S>.MaxPixels * Panels<T, V, S>.Full)));

    /// <summary>Whether this kernel computes the pass.</summary>
    public static bool Fits(in ConvShape shape, ConvDirection direction) =>
        direction == ConvDirection.Forward && shape.InChannels <= MaxChannels;

    /// <inheritdoc/>
    public override long WorkspaceBytes(int n, int threads) => threads * WorkerBytes;

    /// <inheritdoc/>
    public override void Pack(T* weights, T* packed, CpuWorkers workers)
    {
        int channels = _shape.OutChannels;
        int panelWidth;
        for (int first = 0; first < channels; first += panelWidth)
        {
            panelWidth = (channels - first > S.Width ? 2 : 1) * S.Width;
            for (int depth = 0; depth < Depth; depth++)
            {
                for (int k = 0; k < panelWidth; k++)
                {
                    *packed++ = first + k < channels ? weights[((nint)(first + k) * Depth) + depth] : default;
                }
            }
        }
    }

    /// <inheritdoc/>
    public override void Run(
        int n, T* input, T* packed, in ConvEpilogue<T> epilogue, T* output, byte* workspace, CpuWorkers workers)
    {
        int tasksPerImage = (_shape.OutHeight + TaskRows - 1) / TaskRows;
        Job job = new()
        {
            Shape = _shape,
            Input = input,
            Packed = packed,
            Epilogue = epilogue,
            Output = output,
            Workspace = workspace,
            WorkerBytes = WorkerBytes,
            TasksPerImage = tasksPerImage,
            BufferRow = BufferRow,
            BufferRows = BufferRows,
        };
        workers.Run(n * tasksPerImage, &RunTask, &job);
    }

    private static void RunTask(void* context, int task, int worker)
    {
        ref Job job = ref *(Job*)context;
        T* buffer = (T*)(job.Workspace + (worker * job.WorkerBytes));
        T* tile = buffer + Panels<T, V, S>.Padded(job.BufferRows * job.BufferRow);
        int image = task / job.TasksPerImage;
        int firstRow = task % job.TasksPerImage * TaskRows;
        CopyRows(job, image, (firstRow * job.Shape.StrideH) - job.Shape.PadH, buffer);

        int rows = Math.Min(TaskRows, job.Shape.OutHeight - firstRow);
        for (int row = 0; row < rows; row++)
        {
            nint outputRow = ((nint)image * job.Shape.OutHeight) + firstRow + row;
            nint index = outputRow * job.Shape.OutWidth * job.Shape.OutChannels;
            ComputeRow(job, buffer + ((nint)row * job.Shape.StrideH * job.BufferRow), index, tile);
        }
    }

    private static void CopyRows(in Job job, int image, int top, T* buffer)
    {
        int inner = job.Shape.Width * job.Shape.InChannels;
        int border = job.Shape.PadW * job.Shape.InChannels;
        for (int i = 0; i < job.BufferRows; i++)
        {
            Span<T> to = new(buffer + ((nint)i * job.BufferRow), job.BufferRow);
            int y = top + i;
            if ((uint)y >= (uint)job.Shape.Height)
            {
                to.Clear();
                continue;
            }

            to[..border].Clear();
            new Span<T>(job.Input + (((nint)image * job.Shape.Height) + y) * inner, inner).CopyTo(to[border..]);
            to[(border + inner)..].Clear();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ComputeRow(in Job job, T* windows, nint index, T* tile)
    {
        int channels = job.Shape.OutChannels;
        int depth = job.Shape.KernelHeight * job.Shape.KernelWidth * job.Shape.InChannels;
        StridedRows<T> rows = new()
        {
            PixelStep = job.Shape.StrideW * job.Shape.InChannels,
            Segments = job.Shape.KernelHeight,
            Length = job.Shape.KernelWidth * job.Shape.InChannels,
            SegmentStep = job.BufferRow,
        };
        StridedOutput<T> direct = new() { Epilogue = job.Epilogue, Output = job.Output, PixelStep = channels };
        StridedOutput<T> aside = new() { Output = tile };
        T* panel = job.Packed;
        int panelWidth;
        for (int first = 0; first < channels; first += panelWidth)
        {
            int vectors = channels - first > S.Width ? 2 : 1;
            panelWidth = vectors * S.Width;
            int count = Math.Min(panelWidth, channels - first);
            aside.PixelStep = panelWidth;
            direct.Channel = first;
            int pixels;
            for (int x = 0; x < job.Shape.OutWidth; x += pixels)
            {
                int remaining = job.Shape.OutWidth - x;
                pixels = StridedKernel<T, V, S>.Pixels(remaining, vectors);
                rows.A = windows + (x * rows.PixelStep);
                direct.Index = index + ((nint)x * channels) + first;
                if (pixels <= remaining && count == panelWidth)
                {
                    StridedKernel<T, V, S>.Run(rows, panel, pixels, vectors, direct);
                    continue;
                }

                StridedKernel<T, V, S>.Run(rows, panel, pixels, vectors, aside);
                for (int p = 0; p < Math.Min(pixels, remaining); p++)
                {
                    EpilogueWriter<T, V, S>.StoreRow(
                        job.Epilogue, job.Output, direct.Index + ((nint)p * channels), first,
                        tile + (p * panelWidth), count);
                }
            }

            panel += depth * panelWidth;
        }
    }

    private struct Job
    {
        public ConvShape Shape;
        public T* Input;
        public T* Packed;
        public ConvEpilogue<T> Epilogue;
        public T* Output;
        public byte* Workspace;
        public nint WorkerBytes;
        public int TasksPerImage;
        public int BufferRow;
        public int BufferRows;
    }
}
