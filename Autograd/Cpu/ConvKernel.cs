using System.Numerics;
using System.Runtime.Intrinsics;

namespace Codat.Native.Autograd.Cpu;

/// <summary>A convolution's forward or input-gradient pass over NHWC activations with weights (K, R, S, C).</summary>
/// <remarks>
/// Every image has the same bits whatever the batch size, its place in the batch and the number of threads: the kernel
/// is chosen by shape, type and instruction set alone, and each output is one fixed chain of operations.
/// </remarks>
/// <typeparam name="T">Element type, float or double.</typeparam>
internal abstract unsafe class ConvKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The algorithm and the vector type, for profiles.</summary>
    public abstract string Name { get; }

    /// <summary>Elements of the prepared weights.</summary>
    public abstract long PackedElements { get; }

    /// <summary>Picks the kernel for a pass.</summary>
    public static ConvKernel<T> Create(in ConvShape shape, ConvDirection direction, CpuIsa isa)
    {
        shape.Validate();
        if (!CpuIsaInfo.IsSupported(isa))
        {
            throw new PlatformNotSupportedException($"This processor does not have {isa}.");
        }

        if (typeof(T) == typeof(float))
        {
            return (ConvKernel<T>)(object)(isa switch
            {
                CpuIsa.Avx512 => Create<float, Vector512<float>, Avx512Float>(shape, direction),
                CpuIsa.Avx2 => Create<float, Vector256<float>, Avx2Float>(shape, direction),
                _ => Create<float, Vector128<float>, Portable<float>>(shape, direction),
            });
        }

        if (typeof(T) == typeof(double))
        {
            return (ConvKernel<T>)(object)(isa switch
            {
                CpuIsa.Avx512 => Create<double, Vector512<double>, Avx512Double>(shape, direction),
                CpuIsa.Avx2 => Create<double, Vector256<double>, Avx2Double>(shape, direction),
                _ => Create<double, Vector128<double>, Portable<double>>(shape, direction),
            });
        }

        throw new NotSupportedException($"There are no convolution kernels for {typeof(T)}.");
    }

    /// <summary>Prepares the weights (K, R, S, C) once, for any number of runs.</summary>
    public abstract void Pack(T* weights, T* packed, CpuWorkers workers);

    /// <summary>Scratch memory of one run.</summary>
    public abstract long WorkspaceBytes(int n, int threads);

    /// <summary>
    /// Forward: input [n,H,W,C] to output [n,OH,OW,K]. Input gradient: the gradient [n,OH,OW,K] to [n,H,W,C].
    /// All buffers are aligned to 64 bytes.
    /// </summary>
    public abstract void Run(
        int n, T* input, T* packed, in ConvEpilogue<T> epilogue, T* output, byte* workspace, CpuWorkers workers);

    private static ConvKernel<U> Create<U, V, S>(in ConvShape shape, ConvDirection direction)
        where U : unmanaged, IBinaryFloatingPointIeee754<U>
        where V : unmanaged
        where S : struct, ISimd<U, V>
    {
        // Tiles of 2x2 outputs waste their saving on smaller images; transforms want some channels to serve.
        if (shape is { KernelHeight: 3, KernelWidth: 3, InChannels: >= 8, OutChannels: >= 8 }
            && shape is { OutHeight: >= 2, OutWidth: >= 2 })
        {
            if (shape is { StrideH: 1, StrideW: 1, PadH: <= 2, PadW: <= 2 })
            {
                return new WinogradConv<U, V, S, WinogradUnitStride<U, V, S>>(shape, direction);
            }

            if (shape is { StrideH: 2, StrideW: 2, PadH: 1, PadW: 1 })
            {
                return direction == ConvDirection.Forward
                    ? new WinogradConv<U, V, S, WinogradStrideTwo<U, V, S>>(shape, direction)
                    : new WinogradConv<U, V, S, WinogradStrideTwoGradient<U, V, S>>(shape, direction);
            }
        }

        if (StemConv<U, V, S>.Fits(shape, direction))
        {
            return new StemConv<U, V, S>(shape);
        }

        if (StemInputGradient<U, V, S>.Fits(shape, direction))
        {
            return new StemInputGradient<U, V, S>(shape);
        }

        return new GatherConv<U, V, S>(shape, direction);
    }
}
