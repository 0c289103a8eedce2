namespace Codat.Native.Robust;

/// <summary>The maximiser over the ball and the simplex, and how well it is proven.</summary>
/// <param name="Weights">K weights.</param>
/// <param name="Objective">The weighted risk.</param>
/// <param name="Radius">The radius attained.</param>
/// <param name="Kkt">The KKT residual, absolute.</param>
/// <param name="Gap">The duality gap, absolute.</param>
/// <param name="Active">The number of classes with a positive weight.</param>
public sealed record ExactWeights(
    double[] Weights, double Objective, double Radius, double Kkt, double Gap, int Active);
