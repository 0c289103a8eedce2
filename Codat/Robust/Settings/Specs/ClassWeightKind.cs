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

    /// <summary>The worst case over weights p with KL(p || prior) at most eta.</summary>
    Kl,

    /// <summary>The worst case over weights p with KL(prior || p) at most eta.</summary>
    ReverseKl,

    /// <summary>The worst case over weights of at most prior / eta: conditional value at risk.</summary>
    Cvar,

    /// <summary>Exponential weights that grow with the risks of all steps so far.</summary>
    GroupDro,

    /// <summary>The worst case over a KL ball of class margins.</summary>
    Faal,

    /// <summary>Exponential weights that grow with the held-out losses of all epochs so far.</summary>
    Wat,

    /// <summary>Weights on the terms of TRADES' loss that grow while a held-out class error is out of bounds.</summary>
    Frl,

    /// <summary>The mean over samples; radius and clean term weighed by class similarity.</summary>
    Dafa,

    /// <summary>The mean over samples; radius and terms of the loss by robust accuracy of the class.</summary>
    Cfa,

    /// <summary>The mean over samples, whose classes are drawn by a bandit.</summary>
    Cfol,
}
