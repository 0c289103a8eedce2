namespace Codat.Native.Robust;

/// <summary>Which solution of the inner maximisation is used.</summary>
public enum WeightSolver
{
    /// <summary>The maximiser over the simplex and the ball.</summary>
    Exact,

    /// <summary>The published closed form, which can be negative.</summary>
    Published,
}
