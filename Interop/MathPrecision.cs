namespace Codat.Native.Interop;

/// <summary>What matrix products and convolutions are computed in; sums are never below single precision.</summary>
internal enum MathPrecision
{
    /// <summary>Single precision throughout.</summary>
    Float32,

    /// <summary>
    /// Single precision in memory, inputs rounded to 10 bits of mantissa on the way into tensor cores.
    /// </summary>
    TensorFloat32,

    /// <summary>16-bit brain floats in memory, products summed in single precision.</summary>
    BFloat16,

    /// <summary>Double precision throughout.</summary>
    Float64,
}
