namespace Codat.Native.Robust;

/// <summary>The arithmetic of the network.</summary>
public enum PrecisionKind
{
    /// <summary>Single precision throughout.</summary>
    Fp32,

    /// <summary>TensorFloat-32 products in convolutions and hidden linear layers (CUDA).</summary>
    Tf32,

    /// <summary>bfloat16 activations and products, single-precision weights and sums (CUDA).</summary>
    Bf16,
}
