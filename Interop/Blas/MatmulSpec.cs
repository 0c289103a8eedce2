using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>D[M,N] = op(A)[M,K] op(B)[K,N], all row-major and dense, with an epilogue.</summary>
internal readonly record struct MatmulSpec
{
    // Rows of the mask are this many bits apart, or a multiple of it.
    private const long MaskBits = 128;

    /// <summary>Rows of the result.</summary>
    public required long M { get; init; }

    /// <summary>Columns of the result.</summary>
    public required long N { get; init; }

    /// <summary>The inner dimension.</summary>
    public required long K { get; init; }

    /// <summary>A is stored as K x M.</summary>
    public bool TransposeA { get; init; }

    /// <summary>B is stored as N x K.</summary>
    public bool TransposeB { get; init; }

    /// <summary>The arithmetic.</summary>
    public MathPrecision Precision { get; init; }

    /// <summary>D is single precision whatever A and B are.</summary>
    public bool Float32Output { get; init; }

    /// <summary>D is added to instead of overwritten.</summary>
    public bool Accumulate { get; init; }

    /// <summary>What happens to the result.</summary>
    public MatmulEpilogue Epilogue { get; init; }

    /// <summary>What is promised about repeating it.</summary>
    public Determinism Determinism { get; init; }

    /// <summary>What every address is a multiple of, in bytes.</summary>
    public int Alignment { get; init; } = 16;

    /// <summary>Creates a specification with the smallest alignment that fast kernels take.</summary>
    public MatmulSpec()
    {
    }

    /// <summary>Whether a bias, or the gradient of one, goes with it.</summary>
    public bool HasBias => Epilogue is MatmulEpilogue.Bias or MatmulEpilogue.BiasRelu or MatmulEpilogue.BiasReluMask
        or MatmulEpilogue.ReluGradientBias or MatmulEpilogue.BiasGradient;

    /// <summary>Whether a mask is written or read.</summary>
    public bool HasMask => Epilogue is MatmulEpilogue.BiasReluMask or MatmulEpilogue.ReluGradient
        or MatmulEpilogue.ReluGradientBias;

    /// <summary>Elements of the bias: one for each column of D, or row of op(A) for its gradient.</summary>
    public long BiasLength => Epilogue == MatmulEpilogue.BiasGradient ? M : N;

    /// <summary>Bits from one row of the mask to the next.</summary>
    public long MaskStride => (N + MaskBits - 1) / MaskBits * MaskBits;

    /// <summary>Size of the mask in bytes.</summary>
    public long MaskBytes => HasMask ? checked(MaskStride / 8 * M) : 0;

    internal cudaDataType InputType => Precision switch
    {
        MathPrecision.Float32 or MathPrecision.TensorFloat32 => cudaDataType.CUDA_R_32F,
        MathPrecision.BFloat16 => cudaDataType.CUDA_R_16BF,
        MathPrecision.Float64 => cudaDataType.CUDA_R_64F,
        _ => throw new ArgumentOutOfRangeException(nameof(Precision)),
    };

    internal cudaDataType OutputType => Float32Output ? cudaDataType.CUDA_R_32F : InputType;

    internal cublasComputeType_t ComputeType => Precision switch
    {
        MathPrecision.TensorFloat32 => cublasComputeType_t.CUBLAS_COMPUTE_32F_FAST_TF32,
        MathPrecision.Float64 => cublasComputeType_t.CUBLAS_COMPUTE_64F,
        _ => cublasComputeType_t.CUBLAS_COMPUTE_32F,
    };

    internal cudaDataType ScaleType =>
        Precision == MathPrecision.Float64 ? cudaDataType.CUDA_R_64F : cudaDataType.CUDA_R_32F;

    internal long BytesA => checked(M * K * InputType.Size());

    internal long BytesB => checked(K * N * InputType.Size());

    internal long BytesD => checked(M * N * OutputType.Size());

    internal long BytesBias => HasBias ? checked(BiasLength * OutputType.Size()) : 0;

    /// <summary>Throws where the specification cannot mean anything.</summary>
    internal void Check()
    {
        if (M <= 0 || N <= 0 || K <= 0) throw Bad("dimensions above zero", ToString());
        if (Alignment <= 0 || (Alignment & (Alignment - 1)) != 0)
            throw Bad("an alignment that is a power of two", Alignment.ToString(CultureInfo.InvariantCulture));
        if (Float32Output && Precision == MathPrecision.Float64) throw Bad("a double result", "a single one");
    }

    /// <summary>A short text that is the same for the same specification, as manifests and messages show it.</summary>
    public override string ToString()
    {
        var a = TransposeA ? "t" : "n";
        var b = TransposeB ? "t" : "n";
        return string.Create(CultureInfo.InvariantCulture,
            $"matmul {M}x{N}x{K} {a}{b} {Precision}{(Float32Output ? "->Float32" : "")} {Epilogue}"
            + $"{(Accumulate ? " +=" : "")} {Determinism} a{Alignment}");
    }

    private static CodatException Bad(string expected, string found) =>
        new("a matrix product is not specified rightly", "MatmulSpec", expected, found, isUsage: false);
}
