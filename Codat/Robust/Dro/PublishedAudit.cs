namespace Codat.Native.Robust;

/// <summary>How far the published weights are from being a distribution: what the closed form hides when it goes
/// negative.</summary>
/// <param name="Negative">The number of negative published weights; 0 means that published and exact are the
/// same.</param>
/// <param name="ObjectiveGap">Published minus exact objective, units of the risk: how much the published one
/// overstates.</param>
public readonly record struct PublishedAudit(int Negative, double ObjectiveGap)
{
    /// <summary>True when some published weight is negative.</summary>
    public bool IsNegative => Negative > 0;

    /// <summary>Compares two solutions of the same risks, prior and radius.</summary>
    public static PublishedAudit Compare(in ChiSquareSolution published, in ChiSquareSolution exact) =>
        new(published.Negative, published.Excess - exact.Excess);
}
