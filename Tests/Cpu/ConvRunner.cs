using System.Numerics;
using Codat.Native.Autograd.Cpu;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Runs a kernel on guarded buffers of exactly the promised sizes.</summary>
internal static unsafe class ConvRunner
{
    public static GuardedBuffer<T> Run<T>(
        in ConvShape shape, ConvDirection direction, CpuIsa isa, int n, GuardedBuffer<T> input,
        GuardedBuffer<T> weights, in ConvEpilogue<T> epilogue, CpuWorkers workers)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ConvKernel<T> kernel = ConvKernel<T>.Create(shape, direction, isa);
        using GuardedBuffer<T> packed = new(kernel.PackedElements);
        using GuardedBuffer<T> workspace = new(kernel.WorkspaceBytes(n, workers.Threads) / sizeof(T));
        GuardedBuffer<T> output = new(OutputLength(shape, direction, n));
        if (epilogue.Residual == output.Pointer)
        {
            throw new InvalidOperationException("The residual cannot be known before the output exists.");
        }

        kernel.Pack(weights.Pointer, packed.Pointer, workers);
        kernel.Run(
            n, input.Pointer, packed.Pointer, epilogue, output.Pointer, (byte*)workspace.Pointer, workers);
        packed.AssertGuardsIntact("packed weights");
        workspace.AssertGuardsIntact("workspace");
        output.AssertGuardsIntact("output");
        return output;
    }

    public static GuardedBuffer<T> RunWeightGradient<T>(
        in ConvShape shape, CpuIsa isa, int n, GuardedBuffer<T> x, GuardedBuffer<T> dy, CpuWorkers workers)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ConvWeightGradientKernel<T> kernel = ConvWeightGradientKernel<T>.Create(shape, isa);
        using GuardedBuffer<T> workspace = new(kernel.WorkspaceBytes(n, workers.Threads) / sizeof(T));
        GuardedBuffer<T> dw = new(shape.WeightElements);
        kernel.Run(n, x.Pointer, dy.Pointer, dw.Pointer, (byte*)workspace.Pointer, workers);
        workspace.AssertGuardsIntact("workspace");
        dw.AssertGuardsIntact("weight gradient");
        return dw;
    }

    public static long InputLength(in ConvShape s, ConvDirection direction, int n) =>
        direction == ConvDirection.Forward
            ? (long)n * s.Height * s.Width * s.InChannels
            : (long)n * s.OutHeight * s.OutWidth * s.OutChannels;

    public static long OutputLength(in ConvShape s, ConvDirection direction, int n) =>
        InputLength(s, direction == ConvDirection.Forward ? ConvDirection.InputGradient : ConvDirection.Forward, n);

    /// <summary>Every instruction set that this machine can run.</summary>
    public static IEnumerable<CpuIsa> Isas() => Enum.GetValues<CpuIsa>().Where(CpuIsaInfo.IsSupported);
}
