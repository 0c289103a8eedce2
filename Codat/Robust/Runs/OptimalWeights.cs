namespace Codat.Native.Robust;

/// <summary>The worst class weights p* for the class risks of the whole validation split.</summary>
/// <param name="Eta">The radius of the ball.</param>
/// <param name="Risks">The class risks under the validation attack.</param>
/// <param name="Weights">The weights.</param>
/// <param name="Objective">The weighted risk.</param>
public sealed record OptimalWeights(double Eta, double[] Risks, double[] Weights, double Objective)
{
    /// <summary>The distribution the ball is around; null in files of earlier versions.</summary>
    public double[]? Prior { get; init; }
}
