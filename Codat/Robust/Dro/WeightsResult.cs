namespace Codat.Native.Robust;

/// <summary>What <c>codat weights</c> reports: both weightings of given risks, with the certificate of the exact
/// one.</summary>
/// <param name="Eta">The radius asked for.</param>
/// <param name="Mean">Mean risk under the prior.</param>
/// <param name="Variance">Variance of the risk under the prior.</param>
/// <param name="Exact">The exact weights.</param>
/// <param name="Published">The published weights; null for a ball that has none.</param>
public sealed record WeightsResult(
    double Eta, double Mean, double Variance, ExactWeights Exact, PublishedWeights? Published);
