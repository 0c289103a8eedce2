namespace Codat.Native.Robust;

/// <summary>What stands for a class that is absent from a batch.</summary>
public enum MissingPolicy
{
    /// <summary>The class is left out and the prior renormalised over those present.</summary>
    Renormalise,

    /// <summary>Its exponential average (decay 0.9) stands in.</summary>
    Ema,
}
