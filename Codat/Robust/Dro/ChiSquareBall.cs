namespace Codat.Native.Robust;

/// <summary>The set of class distributions p with sum_k (p_k - p0_k)^2 / p0_k at most <see cref="Radius"/> (no
/// factor 1/2).</summary>
/// <param name="Radius">The radius eta, finite and not negative; 0 leaves only the prior.</param>
/// <remarks>The methods say what a radius means in plain units, for a uniform prior over K classes.</remarks>
public readonly record struct ChiSquareBall(double Radius)
{
    /// <summary>True for a radius that is finite and not negative.</summary>
    public bool IsValid => double.IsFinite(Radius) && Radius >= 0;

    /// <summary>The radius at which all weight may sit on one class: K - 1.</summary>
    public static double PointMassRadius(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        return classes - 1;
    }

    /// <summary>The largest radius at which the published weights cannot be negative: 1/(K - 1), infinite for one
    /// class.</summary>
    public static double NonNegativeRadius(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        return 1.0 / (classes - 1);
    }

    /// <summary>The radius under which at least a share of the classes stays effective, 1/share - 1, where
    /// 1 / sum p^2/p0 is the effective share of weights p (Kish 1965).</summary>
    /// <param name="share">The least effective share, above 0 and at most 1.</param>
    public static double RadiusOfShare(double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        return (1 - share) / share;
    }

    /// <summary>The largest weight any class can get, as a multiple of the uniform 1/K: 1 + sqrt(eta (K - 1)), at
    /// most K.</summary>
    public double LargestMultiple(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        return Math.Min(classes, 1 + Math.Sqrt(Radius * (classes - 1)));
    }

    /// <summary>The smallest effective number of classes 1/sum p^2 inside the ball: K/(1 + eta), at least 1.</summary>
    public double SmallestEffectiveClasses(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        return Math.Max(1, classes / (1 + Radius));
    }

    /// <summary>The effective number of classes of given weights, 1/sum p^2: K when uniform, 1 for a point
    /// mass.</summary>
    public static double EffectiveClasses(ReadOnlySpan<double> weights)
    {
        var squares = new CompensatedSum();
        foreach (var weight in weights) squares.Add(weight * weight);
        return 1 / squares.Value;
    }
}
