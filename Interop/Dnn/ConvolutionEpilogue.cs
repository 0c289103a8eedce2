namespace Codat.Native.Interop;

/// <summary>What is fused behind a convolution, in this order.</summary>
[Flags]
internal enum ConvolutionEpilogue
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Forward: adds a bias for each channel.</summary>
    Bias = 1,

    /// <summary>Forward: adds a tensor of the output's shape.</summary>
    Addend = 2,

    /// <summary>Forward: keeps what is positive.</summary>
    Relu = 4,

    /// <summary>Backward data: zeroes the gradient where the forward input was not positive.</summary>
    ReluGradient = 8,
}
