namespace Codat.Native.Interop;

/// <summary>
/// What a matrix product does with its result before storing it. Columns are features, rows are samples.
/// </summary>
internal enum MatmulEpilogue
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Adds a bias to every row.</summary>
    Bias,

    /// <summary>Keeps what is positive.</summary>
    Relu,

    /// <summary>Adds a bias, then keeps what is positive.</summary>
    BiasRelu,

    /// <summary>As <see cref="BiasRelu"/>, and remembers in a bit mask what was positive.</summary>
    BiasReluMask,

    /// <summary>Zeroes what a mask says was not positive.</summary>
    ReluGradient,

    /// <summary>As <see cref="ReluGradient"/>, and sums the columns of the result into the bias gradient.</summary>
    ReluGradientBias,

    /// <summary>Sums the left factor over the inner dimension into the bias gradient.</summary>
    BiasGradient,
}
