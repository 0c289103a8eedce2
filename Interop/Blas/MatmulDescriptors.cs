namespace Codat.Native.Interop;

/// <summary>
/// The library's descriptions of one product: operation and layouts, in the library's column-major view.
/// </summary>
internal sealed unsafe class MatmulDescriptors : IDisposable
{
    private const int Candidates = 8;

    // While an algorithm is being chosen only the alignment of these pointers matters; every run sets the true ones.
    private const ulong Placeholder = 1 << 20;

    // Partial sums may only be added up in the compute type: the others lose bits or depend on the order of arrival.
    private const uint ReduceInComputeType = 2;

    private readonly OwnedHandle _operation;
    private readonly OwnedHandle _left;
    private readonly OwnedHandle _right;
    private readonly OwnedHandle _result;

    private MatmulDescriptors(OwnedHandle operation, OwnedHandle left, OwnedHandle right, OwnedHandle result)
    {
        _operation = operation;
        _left = left;
        _right = right;
        _result = result;
    }

    internal cublasLtMatmulDesc_t Operation => new(_operation.Get(this));

    /// <summary>The library's first factor: our B.</summary>
    internal cublasLtMatrixLayout_t Left => new(_left.Get(this));

    /// <summary>The library's second factor: our A.</summary>
    internal cublasLtMatrixLayout_t Right => new(_right.Get(this));

    internal cublasLtMatrixLayout_t Result => new(_result.Get(this));

    internal static MatmulDescriptors Create(CudaContext context, in MatmulSpec spec)
    {
        OwnedHandle? operation = null, left = null, right = null, result = null;
        try
        {
            operation = CreateOperation(context, spec);
            // A row-major matrix of r rows and c columns is a column-major one of c rows and r columns.
            left = CreateLayout(context, spec.InputType, spec.TransposeB ? spec.K : spec.N,
                spec.TransposeB ? spec.N : spec.K);
            right = CreateLayout(context, spec.InputType, spec.TransposeA ? spec.M : spec.K,
                spec.TransposeA ? spec.K : spec.M);
            result = CreateLayout(context, spec.OutputType, spec.N, spec.M);
            return new MatmulDescriptors(operation, left, right, result);
        }
        catch
        {
            operation?.Dispose();
            left?.Dispose();
            right?.Dispose();
            result?.Dispose();
            throw;
        }
    }

    /// <summary>Asks the library for algorithms and takes the first one it vouches for.</summary>
    internal MatmulChoice Choose(CublasLtHandle handle, in MatmulSpec spec, long maxWorkspaceBytes)
    {
        using var preference = CreatePreference(handle.Context, spec, maxWorkspaceBytes);
        var results = stackalloc cublasLtMatmulHeuristicResult_t[Candidates];
        var status = CublasLtApi.cublasLtMatmulAlgoGetHeuristic(handle.Handle, Operation, Left, Right, Result, Result,
            new cublasLtMatmulPreference_t(preference.Get(this)), Candidates, results, out var count);
        if (status != cublasStatus_t.CUBLAS_STATUS_NOT_SUPPORTED)
            status.ThrowIfFailed("cublasLtMatmulAlgoGetHeuristic");
        for (var i = 0; i < count; i++)
        {
            if (results[i].state == cublasStatus_t.CUBLAS_STATUS_SUCCESS
                && results[i].workspaceSize <= (nuint)maxWorkspaceBytes)
            {
                return new MatmulChoice(results[i].algo, (long)results[i].workspaceSize);
            }
        }
        throw new CodatException("the matrix library has no algorithm", spec.ToString(), handle.ToString(),
            $"none within {maxWorkspaceBytes} bytes of workspace", isUsage: false);
    }

    internal MatmulChoice CheckAlgorithm(CublasLtHandle handle, in MatmulSpec spec, in cublasLtMatmulAlgo_t algorithm)
    {
        var status = CublasLtApi.cublasLtMatmulAlgoCheck(handle.Handle, Operation, Left, Right, Result, Result,
            algorithm, out var result);
        if (status == cublasStatus_t.CUBLAS_STATUS_SUCCESS)
            return new MatmulChoice(algorithm, (long)result.workspaceSize);
        throw new CodatException("a stored algorithm is not valid here", spec.ToString(), $"{handle}", $"{status}",
            "use the library version of the stored run, or start a new run", isUsage: false);
    }

    /// <summary>Points the operation at a bias, unless it points there already.</summary>
    internal void SetBias(ref ulong current, ulong address)
    {
        if (current == address) return;
        Set(Operation, cublasLtMatmulDescAttributes_t.CUBLASLT_MATMUL_DESC_BIAS_POINTER, address);
        current = address;
    }

    /// <summary>Points the operation at a mask, unless it points there already.</summary>
    internal void SetMask(ref ulong current, ulong address)
    {
        if (current == address) return;
        Set(Operation, cublasLtMatmulDescAttributes_t.CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, address);
        current = address;
    }

    public void Dispose()
    {
        _operation.Dispose();
        _left.Dispose();
        _right.Dispose();
        _result.Dispose();
    }

    private static OwnedHandle CreateOperation(CudaContext context, in MatmulSpec spec)
    {
        CublasLtApi.cublasLtMatmulDescCreate(out var native, spec.ComputeType, spec.ScaleType).ThrowIfFailed();
        var handle = new OwnedHandle(context, native.Value, &DestroyOperation);
        try
        {
            Set(native, cublasLtMatmulDescAttributes_t.CUBLASLT_MATMUL_DESC_TRANSA,
                (int)CublasTypeExtensions.ToOperation(spec.TransposeB));
            Set(native, cublasLtMatmulDescAttributes_t.CUBLASLT_MATMUL_DESC_TRANSB,
                (int)CublasTypeExtensions.ToOperation(spec.TransposeA));
            Set(native, cublasLtMatmulDescAttributes_t.CUBLASLT_MATMUL_DESC_EPILOGUE, (int)spec.Epilogue.ToNative());
            if (spec.HasBias)
            {
                Set(native, cublasLtMatmulDescAttributes_t.CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, (int)spec.OutputType);
                Set(native, cublasLtMatmulDescAttributes_t.CUBLASLT_MATMUL_DESC_BIAS_POINTER, Placeholder);
            }
            if (spec.HasMask)
            {
                Set(native, cublasLtMatmulDescAttributes_t.CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD, spec.MaskStride);
                Set(native, cublasLtMatmulDescAttributes_t.CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, Placeholder);
            }
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static OwnedHandle CreateLayout(CudaContext context, cudaDataType type, long rows, long columns)
    {
        CublasLtApi.cublasLtMatrixLayoutCreate(out var native, type, (ulong)rows, (ulong)columns, rows).ThrowIfFailed();
        return new OwnedHandle(context, native.Value, &DestroyLayout);
    }

    private static OwnedHandle CreatePreference(CudaContext context, in MatmulSpec spec, long maxWorkspaceBytes)
    {
        CublasLtApi.cublasLtMatmulPreferenceCreate(out var native).ThrowIfFailed();
        var handle = new OwnedHandle(context, native.Value, &DestroyPreference);
        try
        {
            Set(native, cublasLtMatmulPreferenceAttributes_t.CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                (ulong)maxWorkspaceBytes);
            if (spec.Determinism != Determinism.Fast)
            {
                Set(native, cublasLtMatmulPreferenceAttributes_t.CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
                    ReduceInComputeType);
            }
            for (var matrix = cublasLtMatmulPreferenceAttributes_t.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES;
                matrix <= cublasLtMatmulPreferenceAttributes_t.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES; matrix++)
            {
                Set(native, matrix, (uint)spec.Alignment);
            }
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static void Set<T>(cublasLtMatmulDesc_t operation, cublasLtMatmulDescAttributes_t attribute, T value)
        where T : unmanaged =>
        CublasLtApi.cublasLtMatmulDescSetAttribute(operation, attribute, &value, (nuint)sizeof(T))
            .ThrowIfFailed($"cublasLtMatmulDescSetAttribute({attribute})");

    private static void Set<T>(cublasLtMatmulPreference_t preference, cublasLtMatmulPreferenceAttributes_t attribute,
        T value) where T : unmanaged =>
        CublasLtApi.cublasLtMatmulPreferenceSetAttribute(preference, attribute, &value, (nuint)sizeof(T))
            .ThrowIfFailed($"cublasLtMatmulPreferenceSetAttribute({attribute})");

    private static void DestroyOperation(CudaContext context, nint handle) =>
        CublasLtApi.cublasLtMatmulDescDestroy(new cublasLtMatmulDesc_t(handle)).ParkIfFailed(context);

    private static void DestroyLayout(CudaContext context, nint handle) =>
        CublasLtApi.cublasLtMatrixLayoutDestroy(new cublasLtMatrixLayout_t(handle)).ParkIfFailed(context);

    private static void DestroyPreference(CudaContext context, nint handle) =>
        CublasLtApi.cublasLtMatmulPreferenceDestroy(new cublasLtMatmulPreference_t(handle)).ParkIfFailed(context);
}
