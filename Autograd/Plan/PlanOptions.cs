namespace Codat.Native.Autograd;

/// <summary>
/// What the plan compiler may do; everything is on unless a test switches it off, and precision is single.
/// </summary>
public sealed record PlanOptions
{
    /// <summary>Share arena memory between values whose lifetimes do not meet, and compute in place.</summary>
    public bool Reuse { get; init; } = true;

    /// <summary>Fold batch norm with running statistics into the convolution before it.</summary>
    public bool FoldBatchNorm { get; init; } = true;

    /// <summary>Fuse bias, residual add, ReLU and ReLU masks into the op that produces the value.</summary>
    public bool FuseEpilogues { get; init; } = true;

    /// <summary>
    /// Prepare weights (packing, Winograd transforms) as steps of their own, so that they can be hoisted.
    /// </summary>
    public bool PackWeights { get; init; } = true;

    /// <summary>Move work that does not change between iterations into the plan named for it.</summary>
    public bool Hoist { get; init; } = true;

    /// <summary>What products are computed in; a property of the plan, so that one device serves several.</summary>
    public PlanPrecision Precision { get; init; }
}
