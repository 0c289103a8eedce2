namespace Codat.Native.Robust;

/// <summary>What batch normalisation does while a training attack runs.</summary>
public enum AttackBatchNorm
{
    /// <summary>Running statistics, constants in the gradient.</summary>
    Eval,

    /// <summary>Batch statistics; running ones stay untouched.</summary>
    Batch,

    /// <summary>Batch statistics; running ones are updated too, as some public codes do.</summary>
    Train,
}
