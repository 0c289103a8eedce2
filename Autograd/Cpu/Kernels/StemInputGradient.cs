using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <summary>
/// Input gradient of a stride-1 convolution whose input has few channels, such as a network's first layer.
/// </summary>
/// <remarks>
/// The pass has one to four output channels, far fewer than a vector has lanes, so the vectors run along the channels
/// that
/// are summed: eight neighbouring pixels accumulate products lane by lane, and each pixel's lanes are added at the end.
/// </remarks>
/// <typeparam name="T">Element type.</typeparam>
/// <typeparam name="V">Vector type.</typeparam>
/// <typeparam name="S">Instructions.</typeparam>
internal sealed unsafe partial class StemInputGradient<T, V, S> : ConvKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where V : unmanaged
    where S : struct, ISimd<T, V>
{
    private const int MaxChannels = 4;
    private const int BlockPixels = 8;
    private const int TaskRows = 8;
    private const int BlockElements = BlockPixels * MaxChannels;

    private readonly ConvShape _shape;

    /// <summary>Prepares the pass; <see cref="Fits"/> must hold.</summary>
    public StemInputGradient(in ConvShape shape) => _shape = shape;

    /// <inheritdoc/>
    public override string Name => string.Create(CultureInfo.InvariantCulture, $"stem-InputGradient-{typeof(S).Name}");

    /// <inheritdoc/>
    public override long PackedElements => (long)_shape.KernelHeight * _shape.KernelWidth * _shape.InChannels * Depth;

    private int Depth => Panels<T, V, S>.Padded(_shape.OutChannels);

    private int BufferColumns =>
        ((_shape.Width + BlockPixels - 1) / BlockPixels * BlockPixels) + _shape.KernelWidth - 1;

    private int BufferRows => TaskRows + _shape.KernelHeight - 1;

    private nint BufferElements => (nint)BufferRows * BufferColumns * Depth;

    private int RowElements => BufferColumns * _shape.InChannels;

    // The buffer of rows, a block's sums, a row of outputs, and the bias repeated along a row; with room for whole
    // vectors.
    private nint WorkerBytes => CpuMemory.Align(
        sizeof(T) * (BufferElements + BlockElements + (2 * Panels<T, V, S>.Padded(RowElements + BlockElements))));

    /// <summary>Whether this kernel computes the pass.</summary>
    public static bool Fits(in ConvShape shape, ConvDirection direction) =>
        direction == ConvDirection.InputGradient && shape is { InChannels: <= MaxChannels, StrideH: 1, StrideW: 1 };

    /// <inheritdoc/>
    public override long WorkspaceBytes(int n, int threads) => threads * WorkerBytes;

    /// <inheritdoc/>
    // [kernel row][input channel][kernel column][output channel, padded with zeros], the taps turned by 180 degrees.
    public override void Pack(T* weights, T* packed, CpuWorkers workers)
    {
        ConvPass pass = new(_shape, ConvDirection.InputGradient);
        for (int r = _shape.KernelHeight - 1; r >= 0; r--)
        {
            for (int c = 0; c < _shape.InChannels; c++)
            {
                for (int s = _shape.KernelWidth - 1; s >= 0; s--)
                {
                    for (int k = 0; k < Depth; k++)
                    {
                        *packed++ = k < _shape.OutChannels ? weights[pass.WeightIndex(c, k, r, s)] : default;
                    }
                }
            }
        }
    }

    /// <inheritdoc/>
    public override void Run(
        int n, T* input, T* packed, in ConvEpilogue<T> epilogue, T* output, byte* workspace, CpuWorkers workers)
    {
        int tasksPerImage = (_shape.Height + TaskRows - 1) / TaskRows;
        nint run = (nint)_shape.KernelWidth * Depth;
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
            Tasks = n * tasksPerImage,
            Threads = workers.Threads,
            BufferRows = BufferRows,
            BufferElements = BufferElements,
            RowElements = Panels<T, V, S>.Padded(RowElements + BlockElements),
            Taps = new Taps
            {
                Rows = _shape.KernelHeight,
                Depth = Depth,
                Run = run,
                PixelRow = (nint)BufferColumns * Depth,
                WeightRow = _shape.InChannels * run,
            },
        };
        workers.Run(n * tasksPerImage, &RunTask, &job);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunTask(void* context, int task, int worker)
    {
        ref Job job = ref *(Job*)context;
        ref readonly ConvShape shape = ref job.Shape;
        T* buffer = (T*)(job.Workspace + (worker * job.WorkerBytes));
        T* sums = buffer + job.BufferElements;
        T* values = sums + BlockElements;
        T* biases = values + job.RowElements;
        int channels = shape.InChannels;
        int rowElements = shape.Width * channels;
        ConvEpilogue<T> epilogue = job.Epilogue;
        if (epilogue.Bias != null)
        {
            for (int i = 0; i < rowElements; i++)
            {
                biases[i] = epilogue.Bias[i % channels];
            }

            epilogue.Bias = biases;
        }

        int image = task / job.TasksPerImage;
        int firstRow = task % job.TasksPerImage * TaskRows;
        int endRow = Math.Min(firstRow + TaskRows, shape.Height);
        CopyRows(job, image, firstRow - (shape.KernelHeight - 1 - shape.PadH), buffer);
        PrefetchStream next = job.InputsOf(task + job.Threads);
        for (int y = firstRow; y < endRow; y++)
        {
            T* row = buffer + ((y - firstRow) * job.Taps.PixelRow);
            for (int x = 0; x < shape.Width; x += BlockPixels)
            {
                next.Step();
                SumBlock(job, row + ((nint)x * job.Taps.Depth), shape.Width - x, sums, values + (x * channels));
            }

            // A row's outputs lie side by side, so for the epilogue it is one pixel with many channels.
            nint index = (((nint)image * shape.Height) + y) * rowElements;
            EpilogueWriter<T, V, S>.StoreRow(epilogue, job.Output, index, 0, values, rowElements);
        }
    }

    // Sums for eight pixels, ordered by pixel and channel.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SumBlock(in Job job, T* pixels, int remaining, T* sums, T* to)
    {
        int channels = job.Shape.InChannels;
        if (channels == 1)
        {
            if (remaining <= BlockPixels / 2)
            {
                Sum4x1(job.Taps, pixels, job.Packed, to);
            }
            else
            {
                Sum8x1(job.Taps, pixels, job.Packed, to);
            }

            return;
        }

        int c = 0;
        if (S.Rows == 12 && channels >= 3) // 24 accumulators
        {
            T* block = channels == 3 ? to : sums;
            Sum8x3(job.Taps, pixels, job.Packed, block);
            if (channels == 3)
            {
                return;
            }

            Interleave(block, 3, to, channels);
            c = 3;
        }

        for (; c < channels; c++)
        {
            Sum8x1(job.Taps, pixels, job.Packed + (c * job.Taps.Run), sums);
            Interleave(sums, 1, to + c, channels);
        }
    }

    private static void Interleave(T* from, int group, T* to, int channels)
    {
        for (int pixel = 0; pixel < BlockPixels; pixel++)
        {
            for (int c = 0; c < group; c++)
            {
                to[(pixel * channels) + c] = from[(pixel * group) + c];
            }
        }
    }

    // Rows of the gradient from this one on, with zeros around the image and behind each pixel's channels.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyRows(in Job job, int image, int top, T* buffer)
    {
        ref readonly ConvShape shape = ref job.Shape;
        int outHeight = shape.OutHeight, outWidth = shape.OutWidth, channels = shape.OutChannels;
        int depth = (int)job.Taps.Depth;
        int columns = (int)(job.Taps.PixelRow / depth);
        int border = shape.KernelWidth - 1 - shape.PadW; // negative when the padding exceeds the kernel
        int left = Math.Clamp(border, 0, columns);
        int right = Math.Clamp(border + outWidth, left, columns);
        for (int i = 0; i < job.BufferRows; i++)
        {
            Span<T> row = new(buffer + (i * job.Taps.PixelRow), columns * depth);
            int y = top + i;
            if ((uint)y >= (uint)outHeight)
            {
                row.Clear();
                continue;
            }

            row[..(left * depth)].Clear();
            row[(right * depth)..].Clear();
            T* from = job.Input + ((((((nint)image * outHeight) + y) * outWidth) + left - border) * channels);
            if (depth == channels)
            {
                new Span<T>(from, (right - left) * depth).CopyTo(row[(left * depth)..]);
                continue;
            }

            for (int x = left; x < right; x++, from += channels)
            {
                Span<T> pixel = row.Slice(x * depth, depth);
                new Span<T>(from, channels).CopyTo(pixel);
                pixel[channels..].Clear();
            }
        }
    }

    private struct Taps
    {
        public int Rows;
        public nint Depth;
        public nint Run;
        public nint PixelRow;
        public nint WeightRow;
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
        public int BufferRows;
        public nint BufferElements;
        public nint RowElements;
        public Taps Taps;
        public int Tasks;
        public int Threads;

        // The rows that a later task is going to copy.
        public readonly PrefetchStream InputsOf(int task)
        {
            int image = task / TasksPerImage, row = task % TasksPerImage * TaskRows;
            int rows = task < Tasks ? Math.Clamp(Shape.OutHeight - row, 0, TaskRows) : 0;
            nint rowElements = (nint)Shape.OutWidth * Shape.OutChannels;
            nint calls = (nint)TaskRows * ((Shape.Width + BlockPixels - 1) / BlockPixels);
            T* start = Input + ((((nint)image * Shape.OutHeight) + row) * rowElements);
            return new PrefetchStream(start, rows * rowElements * sizeof(T), calls);
        }
    }
}
