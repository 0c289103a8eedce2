using System.Globalization;

namespace Codat.Native.Interop;

/// <summary>
/// One product of a two-dimensional convolution: activations N,H,W,C and filters K,R,S,C, both dense.
/// </summary>
internal readonly record struct ConvolutionSpec
{
    /// <summary>Creates a specification of a convolution with stride and dilation 1, without padding.</summary>
    public ConvolutionSpec()
    {
    }

    /// <summary>Which product.</summary>
    public ConvolutionDirection Direction { get; init; }

    /// <summary>Images.</summary>
    public required int N { get; init; }

    /// <summary>Height of the input.</summary>
    public required int H { get; init; }

    /// <summary>Width of the input.</summary>
    public required int W { get; init; }

    /// <summary>Channels of the input.</summary>
    public required int C { get; init; }

    /// <summary>Filters, that is channels of the output.</summary>
    public required int K { get; init; }

    /// <summary>Height of a filter.</summary>
    public required int R { get; init; }

    /// <summary>Width of a filter.</summary>
    public required int S { get; init; }

    /// <summary>Channels of the input are split into as many groups, each with its share of the filters.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Rows from one window to the next.</summary>
    public int StrideH { get; init; } = 1;

    /// <summary>Columns from one window to the next.</summary>
    public int StrideW { get; init; } = 1;

    /// <summary>Zero rows above.</summary>
    public int PadTop { get; init; }

    /// <summary>Zero rows below.</summary>
    public int PadBottom { get; init; }

    /// <summary>Zero columns to the left.</summary>
    public int PadLeft { get; init; }

    /// <summary>Zero columns to the right.</summary>
    public int PadRight { get; init; }

    /// <summary>Rows from one row of the filter to the next.</summary>
    public int DilationH { get; init; } = 1;

    /// <summary>Columns from one column of the filter to the next.</summary>
    public int DilationW { get; init; } = 1;

    /// <summary>What is fused behind it.</summary>
    public ConvolutionEpilogue Epilogue { get; init; }

    /// <summary>The arithmetic.</summary>
    public MathPrecision Precision { get; init; }

    /// <summary>The result is single precision whatever the operands are.</summary>
    public bool Float32Output { get; init; }

    /// <summary>What is promised about repeating it.</summary>
    public Determinism Determinism { get; init; }

    /// <summary>What every address is a multiple of, in bytes.</summary>
    public int Alignment { get; init; } = 16;

    /// <summary>Height of the output.</summary>
    public int OutputH => (H + PadTop + PadBottom - DilationH * (R - 1) - 1) / StrideH + 1;

    /// <summary>Width of the output.</summary>
    public int OutputW => (W + PadLeft + PadRight - DilationW * (S - 1) - 1) / StrideW + 1;

    internal cudnnDataType_t OperandType => Precision switch
    {
        MathPrecision.Float32 or MathPrecision.TensorFloat32 => cudnnDataType_t.CUDNN_DATA_FLOAT,
        MathPrecision.BFloat16 => cudnnDataType_t.CUDNN_DATA_BFLOAT16,
        MathPrecision.Float64 => cudnnDataType_t.CUDNN_DATA_DOUBLE,
        _ => throw new ArgumentOutOfRangeException(nameof(Precision)),
    };

    internal cudnnDataType_t ResultType => Float32Output ? cudnnDataType_t.CUDNN_DATA_FLOAT : OperandType;

    internal cudnnDataType_t ComputeType =>
        Precision == MathPrecision.Float64 ? cudnnDataType_t.CUDNN_DATA_DOUBLE : cudnnDataType_t.CUDNN_DATA_FLOAT;

    /// <summary>The input, as the library counts dimensions: N, C, H, W.</summary>
    internal long[] InputDims => [N, C, H, W];

    /// <summary>The filter: K, C of a group, R, S. Groups follow from the channels.</summary>
    internal long[] FilterDims => [K, C / Groups, R, S];

    /// <summary>The output: N, K, H, W.</summary>
    internal long[] OutputDims => [N, K, OutputH, OutputW];

    /// <summary>The bias: one number for each channel of the output.</summary>
    internal long[] BiasDims => [1, K, 1, 1];

    /// <summary>Throws where the specification cannot mean anything.</summary>
    internal void Check()
    {
        if (N <= 0 || H <= 0 || W <= 0 || C <= 0 || K <= 0 || R <= 0 || S <= 0) throw Bad("sizes above zero");
        if (StrideH <= 0 || StrideW <= 0 || DilationH <= 0 || DilationW <= 0) throw Bad("strides above zero");
        if (PadTop < 0 || PadBottom < 0 || PadLeft < 0 || PadRight < 0) throw Bad("padding of zero or more");
        if (Groups <= 0 || C % Groups != 0 || K % Groups != 0) throw Bad("groups that divide C and K");
        if (H + PadTop + PadBottom < DilationH * (R - 1) + 1 || W + PadLeft + PadRight < DilationW * (S - 1) + 1)
            throw Bad("an input no smaller than the filter");
        if (Alignment <= 0 || (Alignment & (Alignment - 1)) != 0) throw Bad("an alignment that is a power of two");
        const ConvolutionEpilogue Forward =
            ConvolutionEpilogue.Bias | ConvolutionEpilogue.Addend | ConvolutionEpilogue.Relu;
        var allowed = Direction switch
        {
            ConvolutionDirection.Forward => Forward,
            ConvolutionDirection.BackwardData => ConvolutionEpilogue.ReluGradient,
            _ => ConvolutionEpilogue.None,
        };
        if ((Epilogue & ~allowed) != 0) throw Bad($"an epilogue among {allowed}");
    }

    /// <summary>A short text that is the same for the same specification, as manifests and messages show it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Direction} {N}x{H}x{W}x{C} * {K}x{R}x{S} g{Groups} s{StrideH},{StrideW} "
        + $"p{PadTop},{PadBottom},{PadLeft},{PadRight} d{DilationH},{DilationW} {Precision}"
        + $"{(Float32Output ? "->Float32" : "")} {Epilogue.ToString().Replace(", ", "+", StringComparison.Ordinal)} "
        + $"{Determinism} a{Alignment}");

    private CodatException Bad(string expected) =>
        new("a convolution is not specified rightly", "ConvolutionSpec", expected, ToString(), isUsage: false);
}
