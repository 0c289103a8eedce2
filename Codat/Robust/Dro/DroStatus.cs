namespace Codat.Native.Robust;

/// <summary>Whether class weights could be computed, and if not, what stood in the way.</summary>
public enum DroStatus
{
    /// <summary>The weights are valid.</summary>
    Ok = 0,

    /// <summary>A class that takes part has a risk that is not a finite number; the solution names the
    /// class.</summary>
    RiskNotFinite = 1,

    /// <summary>A prior is negative or not a finite number; the solution names the class.</summary>
    PriorInvalid = 2,

    /// <summary>The radius is negative or not a finite number.</summary>
    RadiusInvalid = 3,

    /// <summary>No class is present with a positive prior.</summary>
    NoClass = 4,
}
