namespace Codat.Native.Interop;

internal static class CublasTypeExtensions
{
    /// <summary>Bytes of one element.</summary>
    internal static int Size(this cudaDataType type) => type switch
    {
        cudaDataType.CUDA_R_64F => 8,
        cudaDataType.CUDA_R_32F or cudaDataType.CUDA_R_32I => 4,
        cudaDataType.CUDA_R_16F or cudaDataType.CUDA_R_16BF => 2,
        cudaDataType.CUDA_R_8I => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    internal static cublasLtEpilogue_t ToNative(this MatmulEpilogue epilogue) => epilogue switch
    {
        MatmulEpilogue.None => cublasLtEpilogue_t.CUBLASLT_EPILOGUE_DEFAULT,
        MatmulEpilogue.Bias => cublasLtEpilogue_t.CUBLASLT_EPILOGUE_BIAS,
        MatmulEpilogue.Relu => cublasLtEpilogue_t.CUBLASLT_EPILOGUE_RELU,
        MatmulEpilogue.BiasRelu => cublasLtEpilogue_t.CUBLASLT_EPILOGUE_RELU_BIAS,
        MatmulEpilogue.BiasReluMask => cublasLtEpilogue_t.CUBLASLT_EPILOGUE_RELU_AUX_BIAS,
        MatmulEpilogue.ReluGradient => cublasLtEpilogue_t.CUBLASLT_EPILOGUE_DRELU,
        MatmulEpilogue.ReluGradientBias => cublasLtEpilogue_t.CUBLASLT_EPILOGUE_DRELU_BGRAD,
        // The library sees the factors in exchanged places: our left one is its B.
        MatmulEpilogue.BiasGradient => cublasLtEpilogue_t.CUBLASLT_EPILOGUE_BGRADB,
        _ => throw new ArgumentOutOfRangeException(nameof(epilogue)),
    };

    internal static cublasOperation_t ToOperation(bool transpose) =>
        transpose ? cublasOperation_t.CUBLAS_OP_T : cublasOperation_t.CUBLAS_OP_N;
}
