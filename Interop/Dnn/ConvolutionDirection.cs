namespace Codat.Native.Interop;

/// <summary>Which of the three products of a convolution is computed.</summary>
internal enum ConvolutionDirection
{
    /// <summary>The output, from input and filter.</summary>
    Forward,

    /// <summary>The input's gradient, from the output's gradient and the filter.</summary>
    BackwardData,

    /// <summary>The filter's gradient, from input and the output's gradient.</summary>
    BackwardFilter,
}
