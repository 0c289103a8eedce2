namespace Codat.Native.Robust;

/// <summary>The arithmetic of the network.</summary>
public enum PrecisionKind
{
    /// <summary>Single precision throughout.</summary>
    Fp32,

    /// <summary>TensorFloat-32 products (CUDA).</summary>
    Tf32,

    /// <summary>bfloat16 products (CUDA).</summary>
    Bf16,
}
