namespace Codat.Native.Robust;

/// <summary>How class risks are combined into one loss.</summary>
public enum ClassWeightKind
{
    /// <summary>The mean over samples.</summary>
    None,

    /// <summary>The mean over classes.</summary>
    Balanced,

    /// <summary>The worst case over class weights in a chi-square ball around the prior.</summary>
    Codat,
}
