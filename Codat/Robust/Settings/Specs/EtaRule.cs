namespace Codat.Native.Robust;

/// <summary>How the radius of CODAT's ball is chosen where <c>--eta</c> gives no number.</summary>
public enum EtaRule
{
    /// <summary>So that a share of the classes stays effective in every step.</summary>
    Effective,

    /// <summary>As large as the sampling noise of the class risks permits; anew after each epoch.</summary>
    Noise,

    /// <summary>One safe step up or down a ladder after each epoch, by the validation.</summary>
    Validation,
}
