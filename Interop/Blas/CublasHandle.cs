using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>cuBLAS on one stream with a workspace of ours: repeatable, and capturable into a graph.</summary>
/// <remarks>One thread at a time. Results depend on the workspace, so it is fixed for the handle's life.</remarks>
internal sealed unsafe class CublasHandle : IDisposable
{
    private const int HopperCapability = 90;
    private const long HopperWorkspaceBytes = 32L << 20;
    private const long WorkspaceBytes = 4L << 20;

    private readonly OwnedHandle _handle;

    private CublasHandle(OwnedHandle handle, int version)
    {
        _handle = handle;
        Version = version;
    }

    public CudaContext Context => _handle.Context;

    /// <summary>The library's version.</summary>
    public int Version { get; }

    internal cublasHandle_t Handle => new(_handle.Get(this));

    /// <summary>The workspace the library's makers recommend for a device.</summary>
    public static long RecommendedWorkspaceBytes(CudaDeviceInfo device) =>
        device.ComputeCapability >= HopperCapability ? HopperWorkspaceBytes : WorkspaceBytes;

    /// <summary>Creates a handle on a stream; the workspace belongs to the caller and outlives it.</summary>
    public static CublasHandle Create(CudaStream stream, DeviceSpan<byte> workspace)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var context = stream.Context;
        using var scope = context.Enter();
        CublasApi.cublasCreate_v2(out var native).ThrowIfFailed();
        var handle = new OwnedHandle(context, native.Value, &Destroy);
        try
        {
            // This order: setting the stream puts the library's own workspace back.
            CublasApi.cublasSetStream_v2(native, stream.Handle).ThrowIfFailed();
            CublasApi.cublasSetWorkspace_v2(native, workspace.Pointer, workspace.Bytes).ThrowIfFailed();
            CublasApi.cublasSetPointerMode_v2(native, cublasPointerMode_t.CUBLAS_POINTER_MODE_HOST).ThrowIfFailed();
            CublasApi.cublasSetAtomicsMode(native, cublasAtomicsMode_t.CUBLAS_ATOMICS_NOT_ALLOWED).ThrowIfFailed();
            // The precision of a product is its compute type's; nothing is to be lowered behind it.
            CublasApi.cublasSetMathMode(native, cublasMath_t.CUBLAS_DEFAULT_MATH
                | cublasMath_t.CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION).ThrowIfFailed();
            CublasApi.cublasGetVersion_v2(native, out var version).ThrowIfFailed();
            return new CublasHandle(handle, version);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Enqueues a product without an epilogue: the plain way, and the check of the other one.</summary>
    public void Multiply(in MatmulSpec spec, DeviceSpan<byte> a, DeviceSpan<byte> b, DeviceSpan<byte> d)
    {
        spec.Check();
        if (spec.Epilogue != MatmulEpilogue.None)
            throw new ArgumentException("this library has no epilogues", nameof(spec));
        MatmulBuffers.Check(spec, new MatmulBuffers { A = a, B = b, D = d });
        double alpha64 = 1, beta64 = spec.Accumulate ? 1 : 0;
        float alpha32 = 1, beta32 = spec.Accumulate ? 1 : 0;
        var isDouble = spec.Precision == MathPrecision.Float64;
        void* alpha = isDouble ? &alpha64 : &alpha32;
        void* beta = isDouble ? &beta64 : &beta32;
        int m = checked((int)spec.M), n = checked((int)spec.N), k = checked((int)spec.K);
        using var scope = Context.Enter();
        // Row-major factors are transposed column-major ones, and (A B)' = B' A'.
        CublasApi.cublasGemmEx(Handle, CublasTypeExtensions.ToOperation(spec.TransposeB),
            CublasTypeExtensions.ToOperation(spec.TransposeA), n, m, k, alpha, b.Pointer, spec.InputType,
            spec.TransposeB ? k : n, a.Pointer, spec.InputType, spec.TransposeA ? m : k, beta, d.Pointer,
            spec.OutputType, n, spec.ComputeType, cublasGemmAlgo_t.CUBLAS_GEMM_DEFAULT).ThrowIfFailed();
    }

    public void Dispose() => _handle.Dispose();

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"cuBLAS {Version}");

    private static void Destroy(CudaContext context, nint handle) =>
        CublasApi.cublasDestroy_v2(new cublasHandle_t(handle)).ParkIfFailed(context);
}
