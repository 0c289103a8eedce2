using System.Diagnostics;
using System.Runtime.InteropServices;
using Codat.Native.Autograd.Cpu;

namespace Codat.Native.Perf;

/// <summary>Best time of one kernel over repeated calls.</summary>
internal static unsafe class LayerTimer
{
    /// <summary>Seconds of a forward or input-gradient pass; weights are packed beforehand.</summary>
    public static double Pass(
        in ConvShape shape, ConvDirection direction, CpuIsa isa, int n, CpuWorkers workers, double seconds)
    {
        ConvKernel<float> kernel = ConvKernel<float>.Create(shape, direction, isa);
        bool forward = direction == ConvDirection.Forward;
        float* x = Allocate((long)n * shape.Height * shape.Width * shape.InChannels);
        float* y = Allocate((long)n * shape.OutHeight * shape.OutWidth * shape.OutChannels);
        float* weights = Allocate(shape.WeightElements);
        float* packed = Allocate(kernel.PackedElements);
        float* workspace = Allocate(kernel.WorkspaceBytes(n, workers.Threads) / sizeof(float));
        kernel.Pack(weights, packed, workers);
        int calls = Calls(shape, n);
        double best = double.MaxValue;
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 3 || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds; i++)
        {
            double before = ThreadClock.Now;
            for (int call = 0; call < calls; call++)
            {
                kernel.Run(n, forward ? x : y, packed, default, forward ? y : x, (byte*)workspace, workers);
            }

            best = Math.Min(best, (ThreadClock.Now - before) / calls);
        }

        Free(x, y, weights, packed, workspace);
        return best;
    }

    /// <summary>Seconds to prepare the weights of a pass.</summary>
    public static double Pack(in ConvShape shape, ConvDirection direction, CpuIsa isa, CpuWorkers workers)
    {
        ConvKernel<float> kernel = ConvKernel<float>.Create(shape, direction, isa);
        float* weights = Allocate(shape.WeightElements);
        float* packed = Allocate(kernel.PackedElements);
        double best = double.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            double before = ThreadClock.Now;
            kernel.Pack(weights, packed, workers);
            best = Math.Min(best, ThreadClock.Now - before);
        }

        Free(weights, packed, null, null, null);
        return best;
    }

    /// <summary>Seconds of a weight gradient.</summary>
    public static double WeightGradient(in ConvShape shape, CpuIsa isa, int n, CpuWorkers workers, double seconds)
    {
        ConvWeightGradientKernel<float> kernel = ConvWeightGradientKernel<float>.Create(shape, isa);
        float* x = Allocate((long)n * shape.Height * shape.Width * shape.InChannels);
        float* dy = Allocate((long)n * shape.OutHeight * shape.OutWidth * shape.OutChannels);
        float* dw = Allocate(shape.WeightElements);
        float* workspace = Allocate(kernel.WorkspaceBytes(n, workers.Threads) / sizeof(float));
        int calls = Calls(shape, n);
        double best = double.MaxValue;
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 3 || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds; i++)
        {
            double before = ThreadClock.Now;
            for (int call = 0; call < calls; call++)
            {
                kernel.Run(n, x, dy, dw, (byte*)workspace, workers);
            }

            best = Math.Min(best, (ThreadClock.Now - before) / calls);
        }

        Free(x, dy, dw, workspace, null);
        return best;
    }

    // The clock of a thread is coarse: a sample should last a few milliseconds.
    private static int Calls(in ConvShape shape, int n) =>
        1 + (int)(3e8 / (n * (double)shape.OutHeight * shape.OutWidth * shape.WeightElements));

    private static float* Allocate(long elements)
    {
        float* memory = (float*)NativeMemory.AlignedAlloc((nuint)(elements * sizeof(float)), 64);
        Random random = new(1);
        for (long i = 0; i < elements; i++)
        {
            memory[i] = random.NextSingle() - 0.5f;
        }

        return memory;
    }

    private static void Free(float* a, float* b, float* c, float* d, float* e)
    {
        NativeMemory.AlignedFree(a);
        NativeMemory.AlignedFree(b);
        NativeMemory.AlignedFree(c);
        NativeMemory.AlignedFree(d);
        NativeMemory.AlignedFree(e);
    }
}
