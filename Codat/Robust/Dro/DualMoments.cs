namespace Codat.Native.Robust;

/// <summary>Moments of max(0, H - nu) at one nu: mean, variance about it, and the mean of what max cut
/// off.</summary>
internal readonly record struct DualMoments(double First, double Variance, double Cut)
{
    /// <summary>Positive where D still falls as nu falls.</summary>
    public double Slope(double eta) => Variance - eta * First * First;

    /// <summary>D(nu) minus the mean risk, sqrt((1 + eta) S2) - a.</summary>
    /// <remarks>
    /// In a small ball nu is far below the risks and a large, so the two terms would cancel; S1 - a is exactly
    /// the part
    /// cut off, and the rest is a difference of roots that is written as a quotient.
    /// </remarks>
    public double Bound(double eta, double offset)
    {
        var root = Math.Sqrt((1 + eta) * (Variance + First * First));
        if (eta >= 1 || offset <= 0) return root - offset;
        return eta * First + Cut + (1 + eta) * Slope(eta) / (root + (1 + eta) * First);
    }

    public static DualMoments At(in ClassView view, double offset)
    {
        CompensatedSum first = default, cut = default, variance = default;
        for (var k = 0; k < view.Length; k++)
        {
            if (!view.Contains(k)) continue;
            var excess = view.Centred(k) + offset;
            if (excess > 0) first.Add(view.Prior(k) * excess);
            else cut.Add(view.Prior(k) * -excess);
        }

        for (var k = 0; k < view.Length; k++)
        {
            if (!view.Contains(k)) continue;
            var deviation = Math.Max(0, view.Centred(k) + offset) - first.Value;
            variance.Add(view.Prior(k) * deviation * deviation);
        }

        return new DualMoments(first.Value, variance.Value, cut.Value);
    }
}
