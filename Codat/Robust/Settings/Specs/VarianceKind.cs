namespace Codat.Native.Robust;

/// <summary>Which variance of the class risks sets the size of the ball.</summary>
public enum VarianceKind
{
    /// <summary>The variance as it is.</summary>
    Plain,

    /// <summary>The radius is scaled by the share of the variance that is not sampling noise.</summary>
    Debiased,
}
