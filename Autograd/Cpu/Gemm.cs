using System.Numerics;
using System.Runtime.Intrinsics;

namespace Codat.Native.Autograd.Cpu;

/// <summary>Row-major matrix product C[M,N] = op(A) op(B), with bias, ReLU and mask on the way out.</summary>
/// <remarks>Each element is one chain of multiply-adds in ascending depth: its bits do not depend on M, N or
/// threads.</remarks>
/// <typeparam name="T">Element type, float or double.</typeparam>
internal static unsafe class Gemm<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Scratch memory of one product of any instruction set.</summary>
    public static long WorkspaceBytes(int m, int n, int k, int threads) => GemmLayout.Bytes(n, k, threads, sizeof(T));

    /// <summary>
    /// c = epilogue(op(a) op(b)) with op(a) of m x k and op(b) of k x n; a transposed operand is stored k x m or n x k.
    /// <paramref name="bias"/> (n) and <paramref name="mask"/> (m x n) may be null; all buffers are aligned to 64
    /// bytes.
    /// </summary>
    public static void Run(
        CpuIsa isa, bool transA, bool transB, int m, int n, int k, T* a, T* b, T* c, T* bias, bool relu, T* mask,
        byte* workspace, CpuWorkers workers)
    {
        GemmJob<T> job = new()
        {
            TransA = transA,
            TransB = transB,
            M = m,
            N = n,
            K = k,
            A = a,
            B = b,
            C = c,
            Epilogue = new ConvEpilogue<T> { Bias = bias, Relu = relu, Mask = mask },
            Workspace = workspace,
        };
        if (typeof(T) == typeof(float))
        {
            GemmJob<float>* typed = (GemmJob<float>*)&job;
            switch (isa)
            {
                case CpuIsa.Avx512:
                    GemmKernel<float, Vector512<float>, Avx512Float>.Run(typed, workers);
                    break;
                case CpuIsa.Avx2:
                    GemmKernel<float, Vector256<float>, Avx2Float>.Run(typed, workers);
                    break;
                default:
                    GemmKernel<float, Vector128<float>, Portable<float>>.Run(typed, workers);
                    break;
            }
        }
        else if (typeof(T) == typeof(double))
        {
            GemmJob<double>* typed = (GemmJob<double>*)&job;
            switch (isa)
            {
                case CpuIsa.Avx512:
                    GemmKernel<double, Vector512<double>, Avx512Double>.Run(typed, workers);
                    break;
                case CpuIsa.Avx2:
                    GemmKernel<double, Vector256<double>, Avx2Double>.Run(typed, workers);
                    break;
                default:
                    GemmKernel<double, Vector128<double>, Portable<double>>.Run(typed, workers);
                    break;
            }
        }
        else
        {
            throw new NotSupportedException($"There is no matrix product for {typeof(T)}.");
        }
    }
}
