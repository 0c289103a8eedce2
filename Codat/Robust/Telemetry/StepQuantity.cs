namespace Codat.Native.Robust;

/// <summary>What is summed over the images of a class at a step; the counts of images are denominators.</summary>
internal enum StepQuantity
{
    /// <summary>Images looked at.</summary>
    Looks,

    /// <summary>Images whose loss is known.</summary>
    Gained,

    /// <summary>Sum of their gains, in units of <see cref="StepTotals.GainUnit"/>.</summary>
    Gain,

    /// <summary>Images whose values at the bound were counted.</summary>
    Placed,

    /// <summary>Values at the bound.</summary>
    AtBound,

    /// <summary>Images with a gradient.</summary>
    Differentiated,

    /// <summary>Images whose gradient is zero everywhere.</summary>
    ZeroGradients,

    /// <summary>Images whose gradient is not finite everywhere.</summary>
    BadGradients,

    /// <summary>Images with a gradient before this one.</summary>
    Compared,

    /// <summary>Values whose gradient has changed its sign.</summary>
    Flips,

    /// <summary>Number of quantities.</summary>
    Count,
}
