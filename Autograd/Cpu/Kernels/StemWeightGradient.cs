using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <summary>Weight gradient for images with few channels, such as a network's first layer.</summary>
/// <remarks>
/// Vectors run along the output channels, and the rows of a tile are the columns and channels of one kernel row, which
/// lie
/// side by side in a zero-bordered copy of some input rows.
/// </remarks>
/// <typeparam name="T">Element type.</typeparam>
/// <typeparam name="V">Vector type.</typeparam>
/// <typeparam name="S">Instructions.</typeparam>
internal sealed unsafe class StemWeightGradient<T, V, S> : ConvWeightGradientKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where V : unmanaged
    where S : struct, ISimd<T, V>
{
    private const int MaxChannels = 4;
    private const int BlockPixels = 256;
    private const int Parts = 16;

    private readonly ConvShape _shape;
    private readonly int _blockRows;

    /// <summary>Prepares the shape; <see cref="Fits"/> must hold.</summary>
    public StemWeightGradient(in ConvShape shape)
    {
        _shape = shape;
        _blockRows = Math.Clamp(BlockPixels / shape.OutWidth, 1, shape.OutHeight);
    }

    /// <inheritdoc/>
    public override string Name => string.Create(CultureInfo.InvariantCulture, $"stem-outer-product-{typeof(S).Name}");

    // Rows of a tile beyond the kernel row read what follows it, so the buffer ends with some slack.
    private int BufferRow => (_shape.Width + (2 * _shape.PadW)) * _shape.InChannels;

    private int BufferRows => ((_blockRows - 1) * _shape.StrideH) + _shape.KernelHeight;

    private nint BufferElements => Panels<T, V, S>.Padded((BufferRows * BufferRow) + S.Rows);

    private nint GradientElements => (nint)_blockRows * _shape.OutWidth * Panels<T, V, S>.Padded(_shape.OutChannels);

    private nint WorkerBytes => CpuMemory.Align((BufferElements + GradientElements) * sizeof(T));

    private nint PartSums =>
        (nint)_shape.KernelHeight * TotalRows(_shape) * Panels<T, V, S>.Padded(_shape.OutChannels);

    /// <summary>Whether this kernel computes the gradient.</summary>
    public static bool Fits(in ConvShape shape) => shape.InChannels <= MaxChannels;

    /// <inheritdoc/>
    public override long WorkspaceBytes(int n, int threads) =>
        CpuMemory.Align(Parts * PartSums * sizeof(T)) + (threads * WorkerBytes);

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
            Sums = (T*)workspace,
            Workspace = workspace + CpuMemory.Align(Parts * PartSums * sizeof(T)),
            WorkerBytes = WorkerBytes,
            PartSums = PartSums,
            BufferElements = BufferElements,
            BufferRow = BufferRow,
            BufferRows = BufferRows,
            BlockRows = _blockRows,
        };
        workers.Run(Parts, &RunPart, &job);
        AddParts(job, weightGradient);
    }

    private static int TotalRows(in ConvShape shape)
    {
        int rows = shape.KernelWidth * shape.InChannels, total = 0;
        while (total < rows)
        {
            total += OuterKernel<T, V, S>.TileRows(rows - total);
        }

        return total;
    }

    private static void RunPart(void* context, int part, int worker)
    {
        ref Job job = ref *(Job*)context;
        T* buffer = (T*)(job.Workspace + (worker * job.WorkerBytes));
        T* sums = job.Sums + (part * job.PartSums);
        new Span<T>(sums, (int)job.PartSums).Clear();
        new Span<T>(buffer, (int)job.BufferElements).Clear(); // borders stay zero
        int end = (int)((long)job.N * (part + 1) / Parts);
        for (int image = (int)((long)job.N * part / Parts); image < end; image++)
        {
            for (int row = 0; row < job.Shape.OutHeight; row += job.BlockRows)
            {
                CopyRows(job, image, (row * job.Shape.StrideH) - job.Shape.PadH, buffer);
                int rows = Math.Min(job.BlockRows, job.Shape.OutHeight - row);
                AddBlock(job, image, row, rows, buffer, sums);
            }
        }
    }

    private static void CopyRows(in Job job, int image, int top, T* buffer)
    {
        int inner = job.Shape.Width * job.Shape.InChannels;
        for (int i = 0; i < job.BufferRows; i++)
        {
            Span<T> to = new(buffer + ((nint)i * job.BufferRow) + (job.Shape.PadW * job.Shape.InChannels), inner);
            int y = top + i;
            if ((uint)y < (uint)job.Shape.Height)
            {
                new Span<T>(job.Input + ((((nint)image * job.Shape.Height) + y) * inner), inner).CopyTo(to);
            }
            else
            {
                to.Clear();
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddBlock(in Job job, int image, int row, int blockRows, T* buffer, T* sums)
    {
        ref readonly ConvShape shape = ref job.Shape;
        int channels = shape.OutChannels;
        int padded = Panels<T, V, S>.Padded(channels);
        T* gradient = job.Gradient + ((((nint)image * shape.OutHeight) + row) * shape.OutWidth * channels);
        if (padded != channels)
        {
            // Whole vectors must not read beyond the last pixel.
            T* copy = buffer + job.BufferElements;
            for (int pixel = 0; pixel < blockRows * shape.OutWidth; pixel++)
            {
                Span<T> to = new(copy + ((nint)pixel * padded), padded);
                new Span<T>(gradient + ((nint)pixel * channels), channels).CopyTo(to);
                to[channels..].Clear();
            }

            gradient = copy;
        }

        OuterRuns<T> runs = new()
        {
            Length = shape.OutWidth,
            StepA = (nint)shape.StrideW * shape.InChannels,
            StepB = padded,
            Rows = blockRows,
            RowA = (nint)shape.StrideH * job.BufferRow,
            RowB = (nint)shape.OutWidth * padded,
            Planes = 1,
        };
        int kernelRow = shape.KernelWidth * shape.InChannels;
        for (int r = 0; r < shape.KernelHeight; r++)
        {
            int rows;
            for (int j = 0; j < kernelRow; j += rows)
            {
                rows = OuterKernel<T, V, S>.TileRows(kernelRow - j);
                runs.A = buffer + ((nint)r * job.BufferRow) + j;
                for (int k = 0; k < padded; k += Panels<T, V, S>.Full)
                {
                    int vectors = padded - k > S.Width ? 2 : 1;
                    runs.B = gradient + k;
                    OuterKernel<T, V, S>.Run(runs, rows, vectors, sums);
                    sums += rows * vectors * S.Width;
                }
            }
        }
    }

    private static void AddParts(in Job job, T* result)
    {
        ref readonly ConvShape shape = ref job.Shape;
        int channels = shape.OutChannels;
        int padded = Panels<T, V, S>.Padded(channels);
        int kernelRow = shape.KernelWidth * shape.InChannels;
        T* sums = job.Sums;
        for (int r = 0; r < shape.KernelHeight; r++)
        {
            int rows;
            for (int j = 0; j < kernelRow; j += rows)
            {
                rows = OuterKernel<T, V, S>.TileRows(kernelRow - j);
                for (int first = 0; first < padded; first += Panels<T, V, S>.Full)
                {
                    int panelWidth = padded - first > S.Width ? 2 * S.Width : S.Width;
                    for (int i = 0; i < rows * panelWidth; i++)
                    {
                        int row = j + (i / panelWidth), k = first + (i % panelWidth);
                        if (row < kernelRow && k < channels)
                        {
                            T sum = sums[i];
                            for (int part = 1; part < Parts; part++)
                            {
                                sum += sums[(part * job.PartSums) + i];
                            }

                            result[((((nint)k * shape.KernelHeight) + r) * kernelRow) + row] = sum;
                        }
                    }

                    sums += rows * panelWidth;
                }
            }
        }
    }

    private struct Job
    {
        public ConvShape Shape;
        public int N;
        public T* Input;
        public T* Gradient;
        public T* Sums;
        public byte* Workspace;
        public nint WorkerBytes;
        public nint PartSums;
        public nint BufferElements;
        public int BufferRow;
        public int BufferRows;
        public int BlockRows;
    }
}
