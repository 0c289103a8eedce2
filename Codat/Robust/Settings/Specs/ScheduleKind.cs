namespace Codat.Native.Robust;

/// <summary>The shape of a learning rate over a run.</summary>
public enum ScheduleKind
{
    /// <summary>The same throughout.</summary>
    Constant,

    /// <summary>Tenfold drops at given epochs or shares of the run.</summary>
    Piecewise,

    /// <summary>Half a cosine from the full rate to zero.</summary>
    Cosine,

    /// <summary>Up by a cosine over the first 30 % of the steps, then down by another.</summary>
    OneCycle,

    /// <summary>Linear from zero to the full rate at half the run, and back.</summary>
    Cyclic,
}
