namespace Codat.Native.Robust;

/// <summary>The loss of a batch under class weights, and how it was put together.</summary>
/// <param name="Loss">sum_i c_{y_i} l_i, with the multipliers c that <see cref="Compute"/> filled in.</param>
/// <param name="PresentWeight">The sum of the weights of the classes in the batch; 1 unless classes were filled from
/// averages.</param>
/// <param name="PresentClasses">The number of classes in the batch.</param>
public readonly record struct ClassWeighting(double Loss, double PresentWeight, int PresentClasses)
{
    /// <summary>Fills K multipliers c_k = p_k / n_k, so that loss = sum_i c_{y_i} l_i = sum_k p_k mean_k.</summary>
    /// <param name="policy">Where the risks came from.</param>
    /// <param name="weights">K class weights.</param>
    /// <param name="sums">Sum of per-sample losses by class.</param>
    /// <param name="counts">Samples by class.</param>
    /// <param name="multipliers">Receives K multipliers; 0 for a class without samples.</param>
    /// <remarks>
    /// Weights from averages (<see cref="ClassRiskSource.Ema"/>) also belong to classes that are not in the batch,
    /// so they are
    /// divided by their sum over the classes present. Where that sum is not positive (all weight on absent
    /// classes, or signed published weights that cancel), the multipliers are 0 and the batch teaches nothing. Batch
    /// risks filled
    /// from averages are not divided: a filled class is a constant of the published objective. Allocates nothing.
    /// </remarks>
    public static ClassWeighting Compute(ClassRiskPolicy policy, ReadOnlySpan<double> weights,
        ReadOnlySpan<double> sums, ReadOnlySpan<int> counts, Span<double> multipliers)
    {
        if (sums.Length != weights.Length || counts.Length != weights.Length || multipliers.Length != weights.Length)
            throw new ArgumentException("Weights, sums, counts and multipliers must have one length.", nameof(weights));

        CompensatedSum presentWeight = default, loss = default;
        var classes = 0;
        for (var k = 0; k < weights.Length; k++)
        {
            if (counts[k] <= 0) continue;
            classes++;
            presentWeight.Add(weights[k]);
        }

        var divisor = policy.Source == ClassRiskSource.Ema ? presentWeight.Value : 1;
        for (var k = 0; k < weights.Length; k++)
        {
            multipliers[k] = 0;
            // A not-a-number weight must not be taken for "no weight": only a sum known not to be positive gives 0.
            if (counts[k] <= 0 || divisor <= 0) continue;
            multipliers[k] = weights[k] / divisor / counts[k];
            loss.Add(weights[k] / divisor * (sums[k] / counts[k]));
        }

        return new ClassWeighting(loss.Value, presentWeight.Value, classes);
    }
}
