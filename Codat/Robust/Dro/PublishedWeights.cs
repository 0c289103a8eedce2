namespace Codat.Native.Robust;

/// <summary>The published closed form.</summary>
/// <param name="Weights">K weights, possibly negative.</param>
/// <param name="Objective">m + sqrt(eta v).</param>
/// <param name="Negative">The number of negative weights.</param>
public sealed record PublishedWeights(double[] Weights, double Objective, int Negative);
