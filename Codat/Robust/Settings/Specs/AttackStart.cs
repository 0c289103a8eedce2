namespace Codat.Native.Robust;

/// <summary>Where an attack starts inside its ball.</summary>
public enum AttackStart
{
    /// <summary>At the image itself.</summary>
    Zero,

    /// <summary>Uniform in the ball, clipped to [0,1].</summary>
    Uniform,

    /// <summary>Normal noise of deviation 0.001 around the image, as TRADES does.</summary>
    Gaussian,
}
