namespace Codat.Native.Robust;

/// <summary>Wilson's score interval for a share k/n: the shares that a two-sided normal score test does not
/// reject.</summary>
/// <param name="Low">Lower end, at least 0; not-a-number for n = 0.</param>
/// <param name="High">Upper end, at most 1; not-a-number for n = 0.</param>
public readonly record struct WilsonInterval(double Low, double High)
{
    /// <summary>The level used in reports.</summary>
    public const double DefaultLevel = 0.95;

    private static readonly double s_defaultScore = Score(DefaultLevel);

    /// <summary>The interval for <paramref name="correct"/> of <paramref name="n"/> at a level in (0, 1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Counts or level are out of range.</exception>
    public static WilsonInterval Of(long correct, long n, double level = DefaultLevel)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(correct);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(correct, n);
        if (!(level > 0 && level < 1)) throw new ArgumentOutOfRangeException(nameof(level), level, "Between 0 and 1.");
        if (n == 0) return new WilsonInterval(double.NaN, double.NaN);
        var score = level == DefaultLevel ? s_defaultScore : Score(level);
        return new WilsonInterval(Lower(correct, n, score), 1 - Lower(n - correct, n, score));
    }

    private static double Score(double level) => NormalDistribution.UpperQuantile((1 - level) / 2);

    /// <summary>The lower end as a quotient of positive terms, so that it is 0 for k = 0 and right for tiny
    /// shares.</summary>
    private static double Lower(long k, long n, double z)
    {
        double successes = k, square = z * z;
        var root = z * Math.Sqrt(square + 4 * successes * (n - k) / n);
        return 2 * successes * successes / n / (2 * successes + square + root);
    }
}
