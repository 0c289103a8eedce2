using System.Numerics;
using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <summary>The operands of one matrix product.</summary>
/// <typeparam name="T">Element type.</typeparam>
internal unsafe struct GemmJob<T>
    where T : unmanaged
{
    public bool TransA, TransB;
    public int M, N, K;
    public T* A, B, C;
    public ConvEpilogue<T> Epilogue;
    public byte* Workspace;
    public byte* Scratch;
    public nint WorkerBytes;
    public int RowTasks, RowsPerTask;
}

/// <summary>Block sizes of the matrix product.</summary>
internal static class GemmLayout
{
    /// <summary>Depth that a left block holds at once; the sums wait in memory between blocks.</summary>
    public const int DepthBlock = 512;

    /// <summary>Most rows of a task: a multiple of the micro-kernels' 12 and 6.</summary>
    public const int TaskRows = 48;

    /// <summary>Most columns of a task.</summary>
    public const int TaskColumns = 256;

    // Columns of b are padded to whole vectors, of at most 64 bytes.
    private const int MaxVectorBytes = 64;

    /// <summary>Bytes of the packed right operand.</summary>
    public static nint RightBytes(int n, int k, int elementBytes) =>
        CpuMemory.Align(((nint)n * elementBytes) + MaxVectorBytes) * k;

    /// <summary>
    /// Bytes of one worker's left block and sums; two columns of vectors are the slack of the last panel.
    /// </summary>
    public static nint WorkerBytes(int elementBytes) =>
        CpuMemory.Align((nint)TaskRows * (DepthBlock + TaskColumns + (2 * MaxVectorBytes)) * elementBytes);

    /// <summary>Bytes of the whole workspace.</summary>
    public static long Bytes(int n, int k, int threads, int elementBytes) =>
        RightBytes(n, k, elementBytes) + (threads * WorkerBytes(elementBytes));
}

/// <summary>The matrix product for one vector type.</summary>
/// <typeparam name="T">Element type.</typeparam>
/// <typeparam name="V">Vector type.</typeparam>
/// <typeparam name="S">Instructions.</typeparam>
internal static unsafe class GemmKernel<T, V, S>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where V : unmanaged
    where S : struct, ISimd<T, V>
{
    private static int TaskPanels => GemmLayout.TaskColumns / Panels<T, V, S>.Full;

    /// <summary>Runs the product.</summary>
    public static void Run(GemmJob<T>* job, CpuWorkers workers)
    {
        job->Scratch = job->Workspace + GemmLayout.RightBytes(job->N, job->K, sizeof(T));
        job->WorkerBytes = GemmLayout.WorkerBytes(sizeof(T));
        job->RowsPerTask = GemmLayout.TaskRows;
        job->RowTasks = (job->M + GemmLayout.TaskRows - 1) / GemmLayout.TaskRows;
        int panels = Panels<T, V, S>.Count(job->N);
        workers.Run(panels, &PackPanel, job);
        workers.Run(job->RowTasks * ((panels + TaskPanels - 1) / TaskPanels), &RunTask, job);
    }

    // [panel][depth][column of the panel]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackPanel(void* context, int panel, int worker)
    {
        ref GemmJob<T> job = ref *(GemmJob<T>*)context;
        nint first = (nint)panel * Panels<T, V, S>.Full;
        int count = Panels<T, V, S>.Channels(job.N, panel);
        int width = Panels<T, V, S>.Vectors(job.N, panel) * S.Width;
        T* to = (T*)job.Workspace + (first * job.K);
        if (!job.TransB)
        {
            T* from = job.B + first;
            for (int d = 0; d < job.K; d++, from += job.N, to += width)
            {
                for (int j = 0; j < width; j += S.Width)
                {
                    int lanes = Math.Clamp(count - j, 0, S.Width);
                    S.Store(to + j, lanes == S.Width ? S.Load(from + j) : S.LoadPartial(from + j, lanes));
                }
            }

            return;
        }

        for (int j = 0; j < width; j++)
        {
            T* from = job.B + ((first + j) * job.K);
            for (int d = 0; d < job.K; d++)
            {
                to[((nint)d * width) + j] = j < count ? from[d] : default;
            }
        }
    }

    private static void RunTask(void* context, int task, int worker)
    {
        ref GemmJob<T> job = ref *(GemmJob<T>*)context;
        T* left = (T*)(job.Scratch + (worker * job.WorkerBytes));
        T* sums = left + (GemmLayout.TaskRows * GemmLayout.DepthBlock);
        int firstRow = task % job.RowTasks * job.RowsPerTask;
        int rows = Math.Min(job.RowsPerTask, job.M - firstRow);
        int blocks = (rows + S.Rows - 1) / S.Rows;
        int firstPanel = task / job.RowTasks * TaskPanels;
        int endPanel = Math.Min(firstPanel + TaskPanels, Panels<T, V, S>.Count(job.N));
        int start = 0;
        do
        {
            int depth = Math.Min(GemmLayout.DepthBlock, job.K - start);
            PackLeft(job, firstRow, rows, start, depth, left);
            T* c = sums;
            for (int panel = firstPanel; panel < endPanel; panel++)
            {
                int vectors = Panels<T, V, S>.Vectors(job.N, panel);
                int width = vectors * S.Width;
                T* right = (T*)job.Workspace + ((nint)panel * Panels<T, V, S>.Full * job.K) + ((nint)start * width);
                T* a = left;
                for (int block = 0; block < blocks; block++)
                {
                    PanelKernel<T, V, S>.Run(depth, a, right, vectors, c, accumulate: start > 0);
                    a += PanelKernel<T, V, S>.LeftElements(depth);
                    c += S.Rows * width;
                }
            }

            start += depth;
        }
        while (start < job.K);

        WriteRows(job, firstRow, rows, blocks, firstPanel, endPanel, sums);
    }

    private static void WriteRows(
        in GemmJob<T> job, int firstRow, int rows, int blocks, int firstPanel, int endPanel, T* sums)
    {
        for (int panel = firstPanel; panel < endPanel; panel++)
        {
            int width = Panels<T, V, S>.Vectors(job.N, panel) * S.Width;
            int count = Panels<T, V, S>.Channels(job.N, panel);
            nint column = (nint)panel * Panels<T, V, S>.Full;
            for (int row = 0; row < rows; row++)
            {
                nint index = ((nint)(firstRow + row) * job.N) + column;
                EpilogueWriter<T, V, S>.StoreRow(job.Epilogue, job.C, index, column, sums + (row * width), count);
            }

            sums += blocks * S.Rows * width;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackLeft(in GemmJob<T> job, int firstRow, int rows, int start, int depth, T* left)
    {
        nint chunk = S.Rows * S.Width;
        nint blockElements = PanelKernel<T, V, S>.LeftElements(depth);
        for (int row = 0; row < rows; row++)
        {
            T* to = left + (row / S.Rows * blockElements) + (row % S.Rows * S.Width);
            if (job.TransA)
            {
                T* from = job.A + ((nint)start * job.M) + firstRow + row;
                for (int d = 0; d < depth; d++)
                {
                    to[(d / S.Width * chunk) + (d % S.Width)] = from[(nint)d * job.M];
                }
            }
            else
            {
                T* from = job.A + ((nint)(firstRow + row) * job.K) + start;
                for (int d = 0; d < depth; d += S.Width)
                {
                    int lanes = Math.Min(S.Width, depth - d);
                    S.Store(to, lanes == S.Width ? S.Load(from + d) : S.LoadPartial(from + d, lanes));
                    to += chunk;
                }
            }
        }
    }
}
