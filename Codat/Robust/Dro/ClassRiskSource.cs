namespace Codat.Native.Robust;

/// <summary>Where class risks come from.</summary>
public enum ClassRiskSource
{
    /// <summary>The class means of the mini-batch (the paper's, as far as known).</summary>
    Batch = 0,

    /// <summary>Exponential averages of the class means, started at the first batch that has the class.</summary>
    Ema = 1,
}
