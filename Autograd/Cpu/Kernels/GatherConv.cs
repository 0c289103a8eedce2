using System.Globalization;
using System.Numerics;

namespace Codat.Native.Autograd.Cpu;

/// <summary>
/// Direct convolution for every geometry: gathers the kernel windows of a few output pixels into a cached left operand
/// and multiplies it by packed weights.
/// </summary>
/// <remarks>
/// The input gradient of a strided convolution falls into phases, one for each residue of the pixel's coordinates
/// modulo the stride. Each phase is a small stride-1 convolution with the kernel taps that reach it, so nothing is
/// multiplied by the zeros between strides. A phase without taps (a strided 1x1 kernel) has depth zero.
/// </remarks>
/// <typeparam name="T">Element type.</typeparam>
/// <typeparam name="V">Vector type.</typeparam>
/// <typeparam name="S">Instructions.</typeparam>
internal sealed unsafe partial class GatherConv<T, V, S> : ConvKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where V : unmanaged
    where S : struct, ISimd<T, V>
{
    private const int TaskBytes = 320 << 10;
    private const int MaxBlocks = 8;

    private readonly ConvPass _pass;
    private readonly GatherPhase[] _phases;
    private readonly int _maxDepth;
    private readonly int _blocks;

    /// <summary>Prepares the pass.</summary>
    public GatherConv(in ConvShape shape, ConvDirection direction)
    {
        _pass = new ConvPass(shape, direction);
        _phases = GatherPhase.Split(shape, direction, Panels<T, V, S>.Padded(_pass.OutChannels));
        foreach (GatherPhase phase in _phases)
        {
            _maxDepth = Math.Max(_maxDepth, phase.Depth);
        }

        long blockBytes = Math.Max(1, PanelKernel<T, V, S>.LeftElements(_maxDepth) * sizeof(T));
        _blocks = (int)Math.Clamp(TaskBytes / blockBytes, 1, MaxBlocks);
    }

    /// <inheritdoc/>
    public override string Name => string.Create(
        CultureInfo.InvariantCulture, $"gather-{_pass.Direction}-{typeof(S).Name}");

    /// <inheritdoc/>
    public override long PackedElements
    {
        get
        {
            GatherPhase last = _phases[^1];
            return last.Packed + ((long)last.Depth * Panels<T, V, S>.Padded(_pass.OutChannels));
        }
    }

    private nint ZeroElements => Panels<T, V, S>.Padded(_pass.InChannels);

    private nint RowElements => (int)PanelKernel<T, V, S>.Chunks(_maxDepth) * S.Width;

    private nint WorkerBytes => CpuMemory.Align(sizeof(T) * (
        ZeroElements + RowElements
        + (_blocks * (PanelKernel<T, V, S>.LeftElements(_maxDepth) + (S.Rows * Panels<T, V, S>.Full)))));

    /// <inheritdoc/>
    public override long WorkspaceBytes(int n, int threads) => threads * WorkerBytes;

    /// <inheritdoc/>
    public override void Run(
        int n, T* input, T* packed, in ConvEpilogue<T> epilogue, T* output, byte* workspace, CpuWorkers workers)
    {
        fixed (GatherPhase* phases = _phases)
        {
            Job job = new()
            {
                Pass = _pass,
                Phases = phases,
                PhaseCount = _phases.Length,
                N = n,
                Input = input,
                Packed = packed,
                Epilogue = epilogue,
                Output = output,
                Workspace = workspace,
                WorkerBytes = WorkerBytes,
                ZeroElements = ZeroElements,
                RowElements = RowElements,
                LeftElements = _blocks * PanelKernel<T, V, S>.LeftElements(_maxDepth),
                TaskPixels = _blocks * S.Rows,
            };
            job.Tasks = (int)((((long)n * _phases[0].Pixels) + job.TaskPixels - 1) / job.TaskPixels);
            job.Threads = workers.Threads;
            job.Dense = _pass.Shape.KernelHeight >= _pass.Shape.StrideH
                && _pass.Shape.KernelWidth >= _pass.Shape.StrideW;
            workers.Run(job.Tasks, &RunTask, &job);
        }
    }

    private static void RunTask(void* context, int task, int worker)
    {
        ref Job job = ref *(Job*)context;
        T* zeros = (T*)(job.Workspace + (worker * job.WorkerBytes));
        new Span<T>(zeros, (int)job.ZeroElements).Clear();
        nint calls = job.TaskPixels / S.Rows * Panels<T, V, S>.Count(job.Pass.OutChannels) * job.PhaseCount;
        PrefetchStream outputs = default, inputs = default;
        if (job.Dense)
        {
            outputs = job.OutputsOf(task, calls);
            inputs = job.InputsOf(task + job.Threads, calls);
        }

        for (int i = 0; i < job.PhaseCount; i++)
        {
            RunPhase(job, job.Phases[i], task, zeros, ref inputs, ref outputs);
        }
    }

    private static void RunPhase(
        in Job job, in GatherPhase phase, int task, T* zeros, ref PrefetchStream inputs, ref PrefetchStream outputs)
    {
        if (phase.Depth == 0 && job.LeavesOutput)
        {
            return;
        }

        T* row = zeros + job.ZeroElements;
        T* left = row + job.RowElements;
        T* tiles = left + job.LeftElements;
        long firstPixel = job.FirstPixel(phase, task);
        int pixels = (int)(job.FirstPixel(phase, task + 1) - firstPixel);
        GatherWindows(job, phase, firstPixel, pixels, zeros, row, left);

        int depth = phase.Depth;
        int blocks = (pixels + S.Rows - 1) / S.Rows;
        T* right = job.Packed + phase.Packed;
        int panels = Panels<T, V, S>.Count(job.Pass.OutChannels);
        for (int panel = 0; panel < panels; panel++)
        {
            int vectors = Panels<T, V, S>.Vectors(job.Pass.OutChannels, panel);
            T* a = left;
            T* c = tiles;
            for (int block = 0; block < blocks; block++)
            {
                inputs.Step();
                outputs.Step();
                PanelKernel<T, V, S>.Run(depth, a, right, vectors, c, accumulate: false);
                a += PanelKernel<T, V, S>.LeftElements(depth);
                c += S.Rows * vectors * S.Width;
            }

            right += (nint)depth * vectors * S.Width;
            WriteOutputs(job, phase, firstPixel, pixels, panel, vectors, tiles);
        }
    }

    private static void WriteOutputs(
        in Job job, in GatherPhase phase, long firstPixel, int pixels, int panel, int vectors, T* tiles)
    {
        nint channels = job.Pass.OutChannels;
        nint firstChannel = (nint)panel * Panels<T, V, S>.Full;
        int count = Panels<T, V, S>.Channels(job.Pass.OutChannels, panel);
        PixelWalk walk = new(firstPixel, phase.CountH, phase.CountW);
        for (int pixel = 0; pixel < pixels; pixel++)
        {
            nint y = phase.OutH + ((nint)walk.Y * phase.OutStrideH);
            nint x = phase.OutW + ((nint)walk.X * phase.OutStrideW);
            nint index = (((((nint)walk.Image * job.Pass.OutHeight) + y) * job.Pass.OutWidth) + x) * channels;
            EpilogueWriter<T, V, S>.StoreRow(
                job.Epilogue, job.Output, index + firstChannel, firstChannel, tiles, count);
            tiles += vectors * S.Width;
            walk.Next();
        }
    }

    private struct Job
    {
        public ConvPass Pass;
        public GatherPhase* Phases;
        public int PhaseCount;
        public int N;
        public T* Input;
        public T* Packed;
        public ConvEpilogue<T> Epilogue;
        public T* Output;
        public byte* Workspace;
        public nint WorkerBytes;
        public nint ZeroElements;
        public nint RowElements;
        public nint LeftElements;
        public int TaskPixels;

        public int Tasks;
        public int Threads;

        // Adding zero in place is no work: a strided shortcut's gradient touches a quarter of the pixels.
        public readonly bool LeavesOutput =>
            Epilogue.Residual == Output && Epilogue.Bias == null && !Epilogue.Relu && Epilogue.Mask == null;

        // Whether the kernel reaches every pixel; else fetching whole rows ahead would cost more than it saves.
        public bool Dense;

        // Every phase is cut into the same number of tasks, so that a task's phases share their inputs; the first
        // phase has the most pixels.
        public readonly long FirstPixel(in GatherPhase phase, int task) => (long)N * phase.Pixels * task / Tasks;

        public readonly PrefetchStream InputsOf(int task, nint calls)
        {
            ref readonly GatherPhase phase = ref Phases[0];
            int height = Pass.InHeight, width = Pass.InWidth, channels = Pass.InChannels;
            nint first = Cell(phase, task, phase.InStrideH, phase.InStrideW, height, width);
            nint end = Cell(phase, Math.Min(task + 1, Tasks), phase.InStrideH, phase.InStrideW, height, width);
            return new PrefetchStream(Input + (first * channels), (end - first) * channels * sizeof(T), calls);
        }

        public readonly PrefetchStream OutputsOf(int task, nint calls)
        {
            ref readonly GatherPhase phase = ref Phases[0];
            int height = Pass.OutHeight, width = Pass.OutWidth, channels = Pass.OutChannels;
            nint first = Cell(phase, task, phase.OutStrideH, phase.OutStrideW, height, width);
            nint end = Cell(phase, task + 1, phase.OutStrideH, phase.OutStrideW, height, width);
            return new PrefetchStream(Output + (first * channels), (end - first) * channels * sizeof(T), calls);
        }

        // Roughly where a task begins in an image that its cells cover.
        private readonly nint Cell(in GatherPhase phase, int task, int strideH, int strideW, int height, int width)
        {
            PixelWalk walk = new(FirstPixel(phase, task), phase.CountH, phase.CountW);
            return ((((nint)walk.Image * height) + (walk.Y * strideH)) * width) + (walk.X * strideW);
        }
    }
}
