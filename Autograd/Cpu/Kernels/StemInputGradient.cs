using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <summary>Input gradient of a stride-1 convolution whose input has few channels, such as a network's first layer.</summary>
/// <remarks>
/// The pass has one to four output channels, far fewer than a vector has lanes, so the vectors run along the channels that
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

    private readonly ConvShape _shape;

    /// <summary>Prepares the pass; <see cref="Fits"/> must hold.</summary>
    public StemInputGradient(in ConvShape shape) => _shape = shape;

    /// <inheritdoc/>
    public override string Name => string.Create(CultureInfo.InvariantCulture, $"stem-InputGradient-{typeof(S).Name}");

    /// <inheritdoc/>
    public override long PackedElements =>
        (long)_shape.KernelHeight * _shape.KernelWidth * _shape.InChannels * Panels<T, V, S>.Padded(_shape.OutChannels);

    // Per kernel row, the pixels under a block; then the block's sums.
    private nint WorkerBytes => CpuMemory.Align(sizeof(T) * ((
        (nint)_shape.KernelHeight * (BlockPixels + _shape.KernelWidth - 1) * Panels<T, V, S>.Padded(_shape.OutChannels))
        + (BlockPixels * MaxChannels)));

    /// <summary>Whether this kernel computes the pass.</summary>
    public static bool Fits(in ConvShape shape, ConvDirection direction) =>
        direction == ConvDirection.InputGradient && shape.InChannels <= MaxChannels
        && shape is { StrideH: 1, StrideW: 1, KernelHeight: <= 16 };

    /// <inheritdoc/>
    public override long WorkspaceBytes(int n, int threads) => threads * WorkerBytes;

    /// <inheritdoc/>
    // [kernel row][kernel column][input channel][output channel, padded with zeros]
    public override void Pack(T* weights, T* packed, CpuWorkers workers)
    {
        int rows = _shape.KernelHeight * _shape.KernelWidth * _shape.InChannels;
        int padded = Panels<T, V, S>.Padded(_shape.OutChannels);
        for (int row = 0; row < rows; row++)
        {
            for (int k = 0; k < padded; k++)
            {
                packed[((nint)row * padded) + k] = k < _shape.OutChannels ? weights[((nint)k * rows) + row] : default;
            }
        }
    }

    /// <inheritdoc/>
    public override void Run(
        int n, T* input, T* packed, in ConvEpilogue<T> epilogue, T* output, byte* workspace, CpuWorkers workers)
    {
        int tasksPerImage = (_shape.Height + TaskRows - 1) / TaskRows;
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
            Depth = Panels<T, V, S>.Padded(_shape.OutChannels),
        };
        workers.Run(n * tasksPerImage, &RunTask, &job);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunTask(void* context, int task, int worker)
    {
        ref Job job = ref *(Job*)context;
        T* scratch = (T*)(job.Workspace + (worker * job.WorkerBytes));
        int image = task / job.TasksPerImage;
        int firstRow = task % job.TasksPerImage * TaskRows;
        int endRow = Math.Min(firstRow + TaskRows, job.Shape.Height);
        for (int y = firstRow; y < endRow; y++)
        {
            for (int x = 0; x < job.Shape.Width; x += BlockPixels)
            {
                ComputeBlock(job, image, y, x, scratch);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ComputeBlock(in Job job, int image, int y, int x, T* scratch)
    {
        ref readonly ConvShape shape = ref job.Shape;
        int channels = shape.InChannels;
        int outHeight = shape.OutHeight, outWidth = shape.OutWidth, depth = job.Depth;
        int columns = BlockPixels + shape.KernelWidth - 1;
        int firstColumn = x + shape.PadW - (shape.KernelWidth - 1);
        bool direct = firstColumn >= 0 && firstColumn + columns <= outWidth && depth == shape.OutChannels;
        T* sums = scratch + ((nint)shape.KernelHeight * columns * depth);
        Window* windows = stackalloc Window[16];
        int count = 0;
        for (int r = 0; r < shape.KernelHeight; r++)
        {
            int row = y + shape.PadH - r;
            if ((uint)row >= (uint)outHeight)
            {
                continue;
            }

            T* pixels = job.Input + ((((nint)image * outHeight) + row) * outWidth * shape.OutChannels);
            T* from = pixels + ((nint)firstColumn * shape.OutChannels);
            if (!direct)
            {
                T* copy = scratch + ((nint)count * columns * depth);
                CopyColumns(pixels, firstColumn, columns, outWidth, shape.OutChannels, depth, copy);
                from = copy;
            }

            windows[count++] = new Window
            {
                Pixels = from + ((nint)(shape.KernelWidth - 1) * depth),
                Weights = job.Packed + ((nint)r * shape.KernelWidth * channels * depth),
            };
        }

        Taps taps = new()
        {
            Windows = windows,
            WindowCount = count,
            Columns = shape.KernelWidth,
            Depth = depth,
            WeightStep = (nint)channels * depth,
            Channels = channels,
        };
        int c = 0;
        while (c < channels)
        {
            if (S.Rows == 12 && channels - c >= 3)
            {
                Sum8x3(taps, c, sums + c);
                c += 3;
            }
            else
            {
                Sum8x1(taps, c, sums + c);
                c++;
            }
        }

        int pixelsInside = Math.Min(BlockPixels, shape.Width - x);
        nint index = ((((nint)image * shape.Height) + y) * shape.Width + x) * channels;
        Write(job.Epilogue, job.Output + index, index, sums, pixelsInside, channels);
    }

    private static void CopyColumns(
        T* pixels, int firstColumn, int columns, int width, int channels, int depth, T* to)
    {
        for (int i = 0; i < columns; i++)
        {
            Span<T> cell = new(to + ((nint)i * depth), depth);
            int column = firstColumn + i;
            if ((uint)column < (uint)width)
            {
                new Span<T>(pixels + ((nint)column * channels), channels).CopyTo(cell);
                cell[channels..].Clear();
            }
            else
            {
                cell.Clear();
            }
        }
    }

    private static void Write(in ConvEpilogue<T> epilogue, T* output, nint index, T* sums, int pixels, int channels)
    {
        int i = 0;
        for (int pixel = 0; pixel < pixels; pixel++)
        {
            for (int c = 0; c < channels; c++, i++)
            {
                T v = sums[i];
                if (epilogue.Bias != null)
                {
                    v += epilogue.Bias[c];
                }

                if (epilogue.Residual != null)
                {
                    v += epilogue.Residual[index + i];
                }

                if (epilogue.Relu && v < T.Zero)
                {
                    v = T.Zero;
                }

                if (epilogue.Mask != null && epilogue.Mask[index + i] <= T.Zero)
                {
                    v = T.Zero;
                }

                output[i] = v;
            }
        }
    }

    private struct Window
    {
        public T* Pixels;
        public T* Weights;
    }

    private struct Taps
    {
        public Window* Windows;
        public int WindowCount;
        public int Columns;
        public int Depth;
        public nint WeightStep;
        public int Channels;
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
        public int Depth;
    }
}
