using System.Numerics;
using System.Runtime.Intrinsics;

namespace Codat.Native.Autograd.Cpu;

/// <summary>The gradient of a convolution's weights (K, R, S, C) from NHWC activations and output gradients.</summary>
/// <remarks>
/// The sum over the batch is cut into a number of parts given by the shape alone, and the parts are added in order: the
/// bits do not depend on the number of threads.
/// </remarks>
/// <typeparam name="T">Element type, float or double.</typeparam>
internal abstract unsafe class ConvWeightGradientKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The algorithm and the vector type, for profiles.</summary>
    public abstract string Name { get; }

    /// <summary>Picks the kernel.</summary>
    public static ConvWeightGradientKernel<T> Create(in ConvShape shape, CpuIsa isa)
    {
        shape.Validate();
        if (!CpuIsaInfo.IsSupported(isa))
        {
            throw new PlatformNotSupportedException($"This processor does not have {isa}.");
        }

        if (typeof(T) == typeof(float))
        {
            return (ConvWeightGradientKernel<T>)(object)(isa switch
            {
                CpuIsa.Avx512 => Create<float, Vector512<float>, Avx512Float>(shape),
                CpuIsa.Avx2 => Create<float, Vector256<float>, Avx2Float>(shape),
                _ => Create<float, Vector128<float>, Portable<float>>(shape),
            });
        }

        if (typeof(T) == typeof(double))
        {
            return (ConvWeightGradientKernel<T>)(object)(isa switch
            {
                CpuIsa.Avx512 => Create<double, Vector512<double>, Avx512Double>(shape),
                CpuIsa.Avx2 => Create<double, Vector256<double>, Avx2Double>(shape),
                _ => Create<double, Vector128<double>, Portable<double>>(shape),
            });
        }

        throw new NotSupportedException($"There are no convolution kernels for {typeof(T)}.");
    }

    /// <summary>Scratch memory of one run.</summary>
    public abstract long WorkspaceBytes(int n, int threads);

    /// <summary>
    /// Overwrites weightGradient (K,R,S,C) from input [n,H,W,C] and outputGradient [n,OH,OW,K], all aligned to 64
    /// bytes.
    /// </summary>
    public abstract void Run(
        int n, T* input, T* outputGradient, T* weightGradient, byte* workspace, CpuWorkers workers);

    private static ConvWeightGradientKernel<U> Create<U, V, S>(in ConvShape shape)
        where U : unmanaged, IBinaryFloatingPointIeee754<U>
        where V : unmanaged
        where S : struct, ISimd<U, V> =>
        StemWeightGradient<U, V, S>.Fits(shape)
            ? new StemWeightGradient<U, V, S>(shape)
            : new OuterProductGradient<U, V, S>(shape);
}
