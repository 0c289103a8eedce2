namespace Codat.Native.Robust;

/// <summary>
/// Evidence that the exact weights of a training step are the worst of the ball, cheap enough to come with every step.
/// </summary>
/// <param name="Radius">sum_k (p_k - p0_k)^2 / p0_k.</param>
/// <param name="Gap">Dual bound minus the weights' objective, units of the risk.</param>
/// <param name="Active">The number of classes with a positive weight.</param>
/// <remarks>
/// Every nu bounds every feasible objective from above (<see cref="DroCertificate"/> looks for the best one). This
/// takes the nu that the weights themselves imply: with Q and S1 the prior mass and first moment of the classes that
/// have weight, R the mass of the others and E the weights' objective over the mean,
/// nu = ((1 + eta) S1 - E) / (eta Q - R), kept between the least risk with a weight and the largest without. Wrong
/// weights imply a wrong nu, which shows as a gap. class_weights.cu computes the same, to the last bit.
/// </remarks>
internal readonly record struct StepCertificate(double Radius, double Gap, int Active)
{
    /// <summary>Of the weights of the classes of a view that is sound; allocates nothing.</summary>
    public static StepCertificate Compute(in ClassView view, double eta, ReadOnlySpan<double> weights)
    {
        CompensatedSum radius = default, excess = default, mass = default, first = default, rest = default;
        double low = double.PositiveInfinity, high = double.NegativeInfinity, top = double.NegativeInfinity;
        var active = 0;
        for (var k = 0; k < weights.Length; k++)
        {
            if (!view.Contains(k)) continue;
            var (prior, risk, step) = (view.Prior(k), view.Centred(k), weights[k] - view.Prior(k));
            radius.Add(step * step / prior);
            excess.Add(weights[k] * risk);
            top = Math.Max(top, risk);
            if (weights[k] > 0)
            {
                active++;
                low = Math.Min(low, risk);
                mass.Add(prior);
                first.Add(prior * risk);
            }
            else
            {
                high = Math.Max(high, risk);
                rest.Add(prior);
            }
        }
        // At radius 0 the only distribution is the prior.
        if (eta == 0) return new StepCertificate(radius.Value, -excess.Value * view.Scale, active);

        var divisor = eta * mass.Value - rest.Value;
        // Nothing is left of the ball's room: all weight is on the largest risk.
        var nu = divisor > 0 ? ((1 + eta) * first.Value - excess.Value) / divisor : top;
        nu = Math.Max(Math.Min(nu, low), high);
        var bound = DualMoments.At(view, -nu).Bound(eta, -nu);
        return new StepCertificate(radius.Value, (bound - excess.Value) * view.Scale, active);
    }
}
