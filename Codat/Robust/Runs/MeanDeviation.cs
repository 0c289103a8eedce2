namespace Codat.Native.Robust;

/// <summary>A quantity over the steps of an epoch.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Std">The population deviation.</param>
public readonly record struct MeanDeviation(double Mean, double Std);
