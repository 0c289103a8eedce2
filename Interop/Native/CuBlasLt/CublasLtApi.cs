using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

/// <summary>cuBLASLt: matrix products with fused epilogues and an algorithm the caller keeps.</summary>
internal static unsafe partial class CublasLtApi
{
    [LibraryImport(LibraryNames.CublasLt)]
    internal static partial cublasStatus_t cublasLtCreate(out cublasLtHandle_t lightHandle);

    [LibraryImport(LibraryNames.CublasLt)]
    internal static partial cublasStatus_t cublasLtDestroy(cublasLtHandle_t lightHandle);

    [LibraryImport(LibraryNames.CublasLt)]
    internal static partial nuint cublasLtGetVersion();

    [LibraryImport(LibraryNames.CublasLt)]
    internal static partial byte* cublasLtGetStatusString(cublasStatus_t status);

    [LibraryImport(LibraryNames.CublasLt)]
    internal static partial cublasStatus_t cublasLtMatmulDescCreate(out cublasLtMatmulDesc_t matmulDesc,
        cublasComputeType_t computeType, cudaDataType scaleType);

    [LibraryImport(LibraryNames.CublasLt)]
    internal static partial cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t matmulDesc);

    [LibraryImport(LibraryNames.CublasLt)]
    internal static partial cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t matmulDesc,
        cublasLtMatmulDescAttributes_t attr, void* buf, nuint sizeInBytes);

    [LibraryImport(LibraryNames.CublasLt)]
    internal static partial cublasStatus_t cublasLtMatrixLayoutCreate(out cublasLtMatrixLayout_t matLayout,
        cudaDataType type, ulong rows, ulong cols, long ld);

    [LibraryImport(LibraryNames.CublasLt)]
    internal static partial cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t matLayout);

    [LibraryImport(LibraryNames.CublasLt)]
    internal static partial cublasStatus_t cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t matLayout,
        cublasLtMatrixLayoutAttribute_t attr, void* buf, nuint sizeInBytes);

    [LibraryImport(LibraryNames.CublasLt)]
    internal static partial cublasStatus_t cublasLtMatmulPreferenceCreate(out cublasLtMatmulPreference_t pref);

    [LibraryImport(LibraryNames.CublasLt)]
    internal static partial cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t pref);

    [LibraryImport(LibraryNames.CublasLt)]
    internal static partial cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t pref,
        cublasLtMatmulPreferenceAttributes_t attr, void* buf, nuint sizeInBytes);

    [LibraryImport(LibraryNames.CublasLt)]
    internal static partial cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t lightHandle,
        cublasLtMatmulDesc_t operationDesc, cublasLtMatrixLayout_t aDesc, cublasLtMatrixLayout_t bDesc,
        cublasLtMatrixLayout_t cDesc, cublasLtMatrixLayout_t dDesc, cublasLtMatmulPreference_t preference,
        int requestedAlgoCount, cublasLtMatmulHeuristicResult_t* heuristicResultsArray, out int returnAlgoCount);

    [LibraryImport(LibraryNames.CublasLt)]
    internal static partial cublasStatus_t cublasLtMatmulAlgoCheck(cublasLtHandle_t lightHandle,
        cublasLtMatmulDesc_t operationDesc, cublasLtMatrixLayout_t aDesc, cublasLtMatrixLayout_t bDesc,
        cublasLtMatrixLayout_t cDesc, cublasLtMatrixLayout_t dDesc, in cublasLtMatmulAlgo_t algo,
        out cublasLtMatmulHeuristicResult_t result);

    // The stream is an argument: the handle holds no state of a call and may be shared, workspaces may not.
    [LibraryImport(LibraryNames.CublasLt)]
    internal static partial cublasStatus_t cublasLtMatmul(cublasLtHandle_t lightHandle,
        cublasLtMatmulDesc_t computeDesc, void* alpha, CUdeviceptr a, cublasLtMatrixLayout_t aDesc, CUdeviceptr b,
        cublasLtMatrixLayout_t bDesc, void* beta, CUdeviceptr c, cublasLtMatrixLayout_t cDesc, CUdeviceptr d,
        cublasLtMatrixLayout_t dDesc, in cublasLtMatmulAlgo_t algo, CUdeviceptr workspace, nuint workspaceSizeInBytes,
        CUstream stream);
}
