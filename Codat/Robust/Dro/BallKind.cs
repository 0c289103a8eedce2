namespace Codat.Native.Robust;

/// <summary>Sets of class distributions p around a prior p0, by how the distance is measured.</summary>
public enum BallKind
{
    /// <summary>sum (p - p0)^2 / p0 at most eta (CODAT).</summary>
    Chi2,

    /// <summary>KL(p || p0) at most eta.</summary>
    Kl,

    /// <summary>KL(p0 || p) at most eta.</summary>
    ReverseKl,

    /// <summary>p at most p0 / eta in every class, eta in (0, 1]: conditional value at risk.</summary>
    Cvar,
}
