using System.Runtime.CompilerServices;

namespace Codat.Native.Interop;

/// <summary>
/// One matrix product, planned: descriptors built, algorithm chosen and kept. Running allocates nothing.
/// </summary>
/// <remarks>One thread at a time. The algorithm never changes after creation, so neither do the bits.</remarks>
internal sealed unsafe class CublasLtMatmul : IDisposable
{
    /// <summary>Bytes of an exported algorithm.</summary>
    public const int AlgorithmBytes = 64;

    private readonly CublasLtHandle _handle;
    private readonly MatmulDescriptors _descriptors;
    private readonly cublasLtMatmulAlgo_t _algorithm;
    private readonly MatmulSpec _spec;
    private ulong _bias;
    private ulong _mask;

    private CublasLtMatmul(CublasLtHandle handle, in MatmulSpec spec, MatmulDescriptors descriptors,
        in MatmulChoice choice)
    {
        _handle = handle;
        _spec = spec;
        _descriptors = descriptors;
        _algorithm = choice.Algorithm;
        WorkspaceBytes = choice.WorkspaceBytes;
    }

    /// <summary>What is computed.</summary>
    public MatmulSpec Spec => _spec;

    /// <summary>Scratch memory the chosen algorithm needs, in bytes.</summary>
    public long WorkspaceBytes { get; }

    /// <summary>Plans a product with the best algorithm whose workspace is within a limit.</summary>
    /// <exception cref="CodatException">The library has none.</exception>
    public static CublasLtMatmul Create(CublasLtHandle handle, in MatmulSpec spec, long maxWorkspaceBytes)
    {
        ArgumentNullException.ThrowIfNull(handle);
        ArgumentOutOfRangeException.ThrowIfNegative(maxWorkspaceBytes);
        spec.Check();
        using var scope = handle.Context.Enter();
        var descriptors = MatmulDescriptors.Create(handle.Context, spec);
        try
        {
            return new CublasLtMatmul(handle, spec, descriptors, descriptors.Choose(handle, spec, maxWorkspaceBytes));
        }
        catch
        {
            descriptors.Dispose();
            throw;
        }
    }

    /// <summary>Plans a product with an algorithm exported earlier by the same version of the library.</summary>
    /// <exception cref="CodatException">The library does not take the algorithm any more.</exception>
    public static CublasLtMatmul Restore(CublasLtHandle handle, in MatmulSpec spec, ReadOnlySpan<byte> algorithm)
    {
        ArgumentNullException.ThrowIfNull(handle);
        ArgumentOutOfRangeException.ThrowIfNotEqual(algorithm.Length, AlgorithmBytes);
        spec.Check();
        using var scope = handle.Context.Enter();
        var descriptors = MatmulDescriptors.Create(handle.Context, spec);
        try
        {
            var native = Unsafe.ReadUnaligned<cublasLtMatmulAlgo_t>(in algorithm[0]);
            return new CublasLtMatmul(handle, spec, descriptors, descriptors.CheckAlgorithm(handle, spec, native));
        }
        catch
        {
            descriptors.Dispose();
            throw;
        }
    }

    /// <summary>The algorithm as bytes, for the manifest of a run.</summary>
    public byte[] ExportAlgorithm()
    {
        var bytes = new byte[AlgorithmBytes];
        Unsafe.WriteUnaligned(ref bytes[0], _algorithm);
        return bytes;
    }

    /// <summary>Enqueues the product.</summary>
    public void Run(CudaStream stream, in MatmulBuffers buffers)
    {
        MatmulBuffers.Check(_spec, buffers);
        if (buffers.Workspace.Length < WorkspaceBytes) ThrowWorkspace(buffers.Workspace.Length);
        if (_spec.HasBias) _descriptors.SetBias(ref _bias, buffers.Bias.Address);
        if (_spec.HasMask) _descriptors.SetMask(ref _mask, buffers.Mask.Address);
        double alpha64 = 1, beta64 = _spec.Accumulate ? 1 : 0;
        float alpha32 = 1, beta32 = _spec.Accumulate ? 1 : 0;
        var isDouble = _spec.Precision == MathPrecision.Float64;
        using var scope = _handle.Context.Enter();
        stream.Probe?.Begin("cublasLt matmul");
        // The library thinks in columns, where our row-major matrices are transposed: (A B)' = B' A'.
        CublasLtApi.cublasLtMatmul(_handle.Handle, _descriptors.Operation, isDouble ? &alpha64 : &alpha32,
            buffers.B.Pointer, _descriptors.Left, buffers.A.Pointer, _descriptors.Right,
            isDouble ? &beta64 : &beta32, buffers.D.Pointer, _descriptors.Result, buffers.D.Pointer,
            _descriptors.Result, _algorithm, buffers.Workspace.Pointer, (nuint)WorkspaceBytes, stream.Handle)
            .ThrowIfFailed();
        stream.Probe?.End();
    }

    public void Dispose() => _descriptors.Dispose();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ThrowWorkspace(long found) =>
        throw new CodatException("the workspace is too small", _spec.ToString(), $"{WorkspaceBytes} bytes",
            $"{found} bytes", isUsage: false);
}
