namespace Codat.Native.Robust;

/// <summary>The radius left when the sampling noise of a batch's class means is taken out of their variance.</summary>
/// <param name="EtaEff">eta max(0, v - noise)/v; eta itself when no class has two samples to estimate noise
/// from.</param>
/// <param name="Variance">v, the variance of the class means under the prior over the present classes.</param>
/// <param name="Noise">sum_k p0_k (1 - p0_k) s^2 / n_k, the part of v that sampling alone would produce;
/// not-a-number when unknown.</param>
/// <param name="PooledVariance">s^2, the within-class variance of the losses pooled over classes; not-a-number when
/// unknown.</param>
/// <remarks>
/// Taking the noise from the variance alone would raise the published weights' divergence and leave the exact ones
/// unchanged,
/// so the radius is scaled and both solvers use it.
/// </remarks>
public readonly record struct DebiasedRadius(double EtaEff, double Variance, double Noise, double PooledVariance)
{
    /// <summary>Computes the debiased radius from K sums, sums of squares and counts of per-sample losses.</summary>
    /// <param name="ball">The ball of radius eta.</param>
    /// <param name="prior">K class priors, of any positive sum; empty for uniform. Renormalised over the present
    /// classes.</param>
    /// <param name="sums">Sum of losses by class.</param>
    /// <param name="squares">Sum of squared losses by class.</param>
    /// <param name="counts">Samples by class; 0 leaves a class out.</param>
    /// <remarks>Losses that are not finite give not-a-number, never a quiet radius. Allocates nothing.</remarks>
    public static DebiasedRadius Compute(ChiSquareBall ball, ReadOnlySpan<double> prior, ReadOnlySpan<double> sums,
        ReadOnlySpan<double> squares, ReadOnlySpan<int> counts)
    {
        var isSameLength = squares.Length == sums.Length && counts.Length == sums.Length;
        if (!isSameLength || (!prior.IsEmpty && prior.Length != sums.Length))
            throw new ArgumentException("Prior, sums, squares and counts must have one length.", nameof(sums));

        CompensatedSum total = default, mean = default;
        for (var k = 0; k < sums.Length; k++)
        {
            if (counts[k] <= 0) continue;
            var weight = prior.IsEmpty ? 1 : prior[k];
            total.Add(weight);
            if (weight > 0) mean.Add(weight * (sums[k] / counts[k]));
        }

        if (total.Value == 0) return new DebiasedRadius(ball.Radius, 0, double.NaN, double.NaN);
        var centre = mean.Value / total.Value;
        CompensatedSum between = default, within = default, sampling = default;
        long freedom = 0;
        for (var k = 0; k < sums.Length; k++)
        {
            if (counts[k] <= 0) continue;
            var share = (prior.IsEmpty ? 1 : prior[k]) / total.Value;
            var classMean = sums[k] / counts[k];
            var scatter = squares[k] - classMean * sums[k];
            // Rounding may leave a tiny negative scatter; not-a-number passes through Max.
            within.Add(Math.Max(0, scatter));
            freedom += counts[k] - 1;
            if (share == 0) continue;
            between.Add(share * (classMean - centre) * (classMean - centre));
            sampling.Add(share * (1 - share) / counts[k]);
        }

        var variance = between.Value;
        if (freedom == 0)
        {
            var radius = double.IsNaN(variance) ? double.NaN : ball.Radius;
            return new DebiasedRadius(radius, variance, double.NaN, double.NaN);
        }

        var pooled = within.Value / freedom;
        var noise = sampling.Value * pooled;
        var etaEff = variance == 0 ? 0 : ball.Radius * (Math.Max(0, variance - noise) / variance);
        return new DebiasedRadius(etaEff, variance, noise, pooled);
    }
}
