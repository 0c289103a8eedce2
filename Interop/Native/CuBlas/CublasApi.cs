using System.Runtime.InteropServices;

namespace Codat.Native.Interop;

/// <summary>cuBLAS: handles and matrix products. Matrices are column-major.</summary>
internal static unsafe partial class CublasApi
{
    [LibraryImport(LibraryNames.Cublas)]
    internal static partial cublasStatus_t cublasCreate_v2(out cublasHandle_t handle);

    [LibraryImport(LibraryNames.Cublas)]
    internal static partial cublasStatus_t cublasDestroy_v2(cublasHandle_t handle);

    [LibraryImport(LibraryNames.Cublas)]
    internal static partial cublasStatus_t cublasGetProperty(libraryPropertyType type, out int value);

    [LibraryImport(LibraryNames.Cublas)]
    internal static partial cublasStatus_t cublasGetVersion_v2(cublasHandle_t handle, out int version);

    [LibraryImport(LibraryNames.Cublas)]
    internal static partial byte* cublasGetStatusName(cublasStatus_t status);

    [LibraryImport(LibraryNames.Cublas)]
    internal static partial byte* cublasGetStatusString(cublasStatus_t status);

    // Puts the library's own workspace back: set the stream first, then the workspace.
    [LibraryImport(LibraryNames.Cublas)]
    internal static partial cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, CUstream streamId);

    [LibraryImport(LibraryNames.Cublas)]
    internal static partial cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t handle, CUdeviceptr workspace,
        nuint workspaceSizeInBytes);

    [LibraryImport(LibraryNames.Cublas)]
    internal static partial cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode);

    [LibraryImport(LibraryNames.Cublas)]
    internal static partial cublasStatus_t cublasSetPointerMode_v2(cublasHandle_t handle, cublasPointerMode_t mode);

    [LibraryImport(LibraryNames.Cublas)]
    internal static partial cublasStatus_t cublasSetAtomicsMode(cublasHandle_t handle, cublasAtomicsMode_t mode);

    // alpha and beta have the scalar type of the compute type: float for every 32F variant.
    [LibraryImport(LibraryNames.Cublas)]
    internal static partial cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t transa,
        cublasOperation_t transb, int m, int n, int k, void* alpha, CUdeviceptr a, cudaDataType aType, int lda,
        CUdeviceptr b, cudaDataType bType, int ldb, void* beta, CUdeviceptr c, cudaDataType cType, int ldc,
        cublasComputeType_t computeType, cublasGemmAlgo_t algo);

    [LibraryImport(LibraryNames.Cublas)]
    internal static partial cublasStatus_t cublasGemmStridedBatchedEx(cublasHandle_t handle, cublasOperation_t transa,
        cublasOperation_t transb, int m, int n, int k, void* alpha, CUdeviceptr a, cudaDataType aType, int lda,
        long strideA, CUdeviceptr b, cudaDataType bType, int ldb, long strideB, void* beta, CUdeviceptr c,
        cudaDataType cType, int ldc, long strideC, int batchCount, cublasComputeType_t computeType,
        cublasGemmAlgo_t algo);
}
