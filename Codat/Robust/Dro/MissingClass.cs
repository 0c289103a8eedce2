namespace Codat.Native.Robust;

/// <summary>What a class without samples in the batch gets.</summary>
public enum MissingClass
{
    /// <summary>It is left out, and the prior is renormalised over the classes that are present.</summary>
    Renormalise = 0,

    /// <summary>Its risk is its exponential average; a class never seen is left out.</summary>
    Ema = 1,
}
