namespace Codat.Native.Robust;

/// <summary>Turns the class sums of a batch into the risks and presence marks that the weight solvers take.</summary>
public static class ClassRisks
{
    /// <summary>Fills K risks and K marks by a policy; averages are updated first where the policy uses
    /// them.</summary>
    /// <param name="policy">Where risks come from.</param>
    /// <param name="sums">Sum of per-sample losses by class.</param>
    /// <param name="counts">Samples by class.</param>
    /// <param name="averages">The running averages; may be default for a policy that does not use them.</param>
    /// <param name="risk">Receives the risks; 0 for a class that is left out.</param>
    /// <param name="present">Receives 1 for a class that takes part, else 0.</param>
    /// <remarks>
    /// Risks that are not finite are passed on, and the solver rejects them by class. They also enter the averages, so
    /// a caller that wants to go on after a bad batch restores the averages it saved. Allocates nothing.
    /// </remarks>
    public static void Gather(ClassRiskPolicy policy, ReadOnlySpan<double> sums, ReadOnlySpan<int> counts,
        ClassAverages averages, Span<double> risk, Span<byte> present)
    {
        if (counts.Length != sums.Length || risk.Length != sums.Length || present.Length != sums.Length)
            throw new ArgumentException("Sums, counts, risk and present must have one length.", nameof(sums));
        if (policy.UsesAverages) averages.Update(sums, counts, policy.Decay);

        for (var k = 0; k < sums.Length; k++)
        {
            var isInBatch = counts[k] > 0;
            if (isInBatch && policy.Source == ClassRiskSource.Batch)
            {
                risk[k] = sums[k] / counts[k];
                present[k] = 1;
                continue;
            }

            var isKnown = policy.UsesAverages && averages.Seen[k] != 0;
            risk[k] = isKnown ? averages.Average[k] : 0;
            present[k] = isKnown ? (byte)1 : (byte)0;
        }
    }
}
