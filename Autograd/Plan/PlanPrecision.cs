namespace Codat.Native.Autograd;

/// <summary>The arithmetic of a plan whose graph is in single precision; sums are never below that.</summary>
public enum PlanPrecision
{
    /// <summary>Single precision throughout.</summary>
    Float32,

    /// <summary>
    /// Convolutions and hidden linear layers may round what they multiply to 10 bits of mantissa (TF32). CUDA only.
    /// </summary>
    TensorFloat32,

    /// <summary>
    /// Activations, their gradients and what convolutions and hidden linear layers multiply are stored in bfloat16
    /// (<see cref="DType.BFloat16"/>). CUDA only.
    /// </summary>
    BFloat16,
}
