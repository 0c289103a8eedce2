using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <summary>
/// 3x3 convolution of stride 1 or 2, and its input gradient, by an algorithm of Winograd's family that saves
/// multiplications: see the implementations of <see cref="IWinograd{T, V, S}"/>.
/// </summary>
/// <remarks>
/// A task takes some tiles, possibly of several images. It transforms their inputs into left operands that stay
/// in the second-level cache; then, for one panel of output channels and one block of tiles at a time, runs small
/// matrix products and transforms their sums back while these are in the first-level cache (8 % faster than taking all
/// blocks of a position together, which reads the weights less often). Tiles are rows of these products, so they do not
/// influence each other's bits. While the
/// products run, the outputs to be written and the next task's inputs are fetched: worth 10 to 20 % on large images.
/// </remarks>
/// <typeparam name="T">Element type.</typeparam>
/// <typeparam name="V">Vector type.</typeparam>
/// <typeparam name="S">Instructions.</typeparam>
/// <typeparam name="F">The algorithm.</typeparam>
internal sealed unsafe partial class WinogradConv<T, V, S, F> : ConvKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where V : unmanaged
    where S : struct, ISimd<T, V>
    where F : struct, IWinograd<T, V, S>
{
    // What the transformed inputs of a task may take of the second-level cache; the weights of a panel need room too.
    // Between 1 and 8 blocks the speed differs by less than 5 %: few blocks read the weights, 16 MiB for 512 channels,
    // more often, many push them out of the cache.
    private const int TaskBytes = 800 << 10;
    private const int MaxBlocks = 4;

    // Input channels summed in one chain; with 512 channels one long chain in float exceeds an error of 1e-6 of the
    // largest output.
    private const int DepthBlock = 128;

    private readonly ConvPass _pass;
    private readonly int _blocks;

    /// <summary>Prepares a pass that the algorithm fits.</summary>
    public WinogradConv(in ConvShape shape, ConvDirection direction)
    {
        _pass = new ConvPass(shape, direction);
        long blockBytes = F.Positions * PanelKernel<T, V, S>.LeftElements(_pass.InChannels) * sizeof(T);
        _blocks = (int)Math.Clamp(TaskBytes / blockBytes, 1, MaxBlocks);
    }

    /// <inheritdoc/>
    public override string Name => string.Create(
        CultureInfo.InvariantCulture, $"winograd-{F.Positions}-{_pass.Direction}-{typeof(S).Name}");

    /// <inheritdoc/>
    public override long PackedElements =>
        (long)F.Positions * _pass.InChannels * Panels<T, V, S>.Padded(_pass.OutChannels);

    // Positions of a line.
    private static int Side => F.Positions == 16 ? 4 : 5;

    // Distances between the positions; one extra line keeps them out of the same cache set.
    private static nint Skewed(nint elements) => elements + (64 / sizeof(T));

    /// <inheritdoc/>
    public override long WorkspaceBytes(int n, int threads) => threads * WorkerBytes;

    private nint InputPosition => Skewed(PanelKernel<T, V, S>.LeftElements(_pass.InChannels));

    private static nint SumPosition => Skewed(S.Rows * Panels<T, V, S>.Full);

    // A page of zeros, patches for the last channels, left operands and tiles of sums by position.
    private nint PatchElements => Panels<T, V, S>.Padded(_pass.InChannels) + (F.Window * F.Window * S.Width);

    private nint WorkerBytes => CpuMemory.Align(
        (PatchElements + (F.Positions * ((_blocks * InputPosition) + SumPosition))) * sizeof(T));

    /// <inheritdoc/>
    public override void Run(
        int n, T* input, T* packed, in ConvEpilogue<T> epilogue, T* output, byte* workspace, CpuWorkers workers)
    {
        int tilesY = (_pass.OutHeight + F.Outputs - 1) / F.Outputs;
        int tilesX = (_pass.OutWidth + F.Outputs - 1) / F.Outputs;
        Job job = new()
        {
            Pass = _pass,
            Input = input,
            Packed = packed,
            Epilogue = epilogue,
            Output = output,
            Workspace = workspace,
            WorkerBytes = WorkerBytes,
            PatchElements = PatchElements,
            InputPosition = InputPosition,
            SumPosition = SumPosition,
            Threads = workers.Threads,
            TilesY = tilesY,
            TilesX = tilesX,
            Tiles = (long)n * tilesY * tilesX,
            TaskTiles = _blocks * S.Rows,
            PadH = Pad(_pass.Shape.PadH),
            PadW = Pad(_pass.Shape.PadW),
        };
        int tasks = (int)((job.Tiles + job.TaskTiles - 1) / job.TaskTiles);
        workers.Run(tasks, &RunTask, &job);
    }

    // How far the first window lies before the image; strided gradients begin at the first output.
    private int Pad(int padding) =>
        _pass.Direction == ConvDirection.Forward ? padding : _pass.Shape.StrideH == 1 ? 2 - padding : 0;

    private static void RunTask(void* context, int task, int worker)
    {
        ref Job job = ref *(Job*)context;
        T* zeros = (T*)(job.Workspace + (worker * job.WorkerBytes));
        T* left = zeros + job.PatchElements;
        T* sums = left + (job.TaskTiles / S.Rows * F.Positions * job.InputPosition);
        long firstTile = (long)task * job.TaskTiles;
        int tiles = (int)Math.Min(job.TaskTiles, job.Tiles - firstTile);
        int channels = job.Pass.InChannels;
        new Span<T>(zeros, Panels<T, V, S>.Padded(channels)).Clear();
        TransformInputs(job, firstTile, tiles, zeros, left);

        int blocks = (tiles + S.Rows - 1) / S.Rows;
        T* right = job.Packed;
        int panels = Panels<T, V, S>.Count(job.Pass.OutChannels);
        nint calls = F.Positions * blocks;
        PrefetchStream outputs = job.OutputsOf(firstTile, tiles, calls);
        long next = firstTile + ((long)job.Threads * job.TaskTiles);
        int nextTiles = (int)Math.Clamp(job.Tiles - next, 0, job.TaskTiles);
        PrefetchStream inputs = job.InputsOf(next, nextTiles, calls * panels);
        for (int panel = 0; panel < panels; panel++)
        {
            int vectors = Panels<T, V, S>.Vectors(job.Pass.OutChannels, panel);
            nint panelElements = (nint)channels * vectors * S.Width;
            for (int block = 0; block < blocks; block++)
            {
                T* a = left + (block * F.Positions * job.InputPosition);
                T* b = right;
                for (int p = 0; p < F.Positions; p++)
                {
                    outputs.Step();
                    inputs.Step();
                    Multiply(channels, a + (p * job.InputPosition), b, vectors, sums + (p * job.SumPosition));
                    b += panelElements;
                }

                int firstRow = block * S.Rows;
                TransformOutputs(job, firstTile + firstRow, Math.Min(S.Rows, tiles - firstRow), panel, vectors, sums);
            }

            right += F.Positions * panelElements;
        }
    }

    private static void Multiply(int channels, T* left, T* right, int vectors, T* sums)
    {
        for (int start = 0; start < channels; start += DepthBlock)
        {
            int depth = Math.Min(DepthBlock, channels - start);
            PanelKernel<T, V, S>.Run(depth, left, right, vectors, sums, accumulate: start > 0);
            left += depth * S.Rows;
            right += (nint)depth * vectors * S.Width;
        }
    }

    private struct Job
    {
        public ConvPass Pass;
        public T* Input;
        public T* Packed;
        public ConvEpilogue<T> Epilogue;
        public T* Output;
        public byte* Workspace;
        public nint WorkerBytes;
        public nint PatchElements;
        public nint InputPosition;
        public nint SumPosition;
        public int TilesY;
        public int TilesX;
        public long Tiles;
        public int TaskTiles;
        public int PadH;
        public int PadW;
        public int Threads;

        // Tiles follow each other in memory but for the rows they share.
        public readonly PrefetchStream OutputsOf(long firstTile, int tiles, nint calls) => new(
            Output + Pixel(firstTile, F.Outputs, Pass.OutHeight, Pass.OutWidth) * Pass.OutChannels,
            (nint)tiles * F.Outputs * F.Outputs * Pass.OutChannels * sizeof(T), calls);

        public readonly PrefetchStream InputsOf(long firstTile, int tiles, nint calls) => new(
            Input + Pixel(firstTile, F.Step, Pass.InHeight, Pass.InWidth) * Pass.InChannels,
            (nint)tiles * F.Step * F.Step * Pass.InChannels * sizeof(T), calls);

        private readonly nint Pixel(long tile, int step, int height, int width)
        {
            PixelWalk walk = new(tile, TilesY, TilesX);
            return ((((nint)walk.Image * height) + (step * walk.Y)) * width) + (step * walk.X);
        }
    }
}
