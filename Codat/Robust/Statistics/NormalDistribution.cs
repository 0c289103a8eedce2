namespace Codat.Native.Robust;

/// <summary>The standard normal distribution: upper tail and quantile, to about 1e-14 relative.</summary>
/// <remarks>
/// The tail is a series of positive terms near 0 and a continued fraction further out (Abramowitz and Stegun 26.2.11
/// and
/// 26.2.14); the quantile is Newton's method on the logarithm of the tail, which is concave, so from the right of the
/// root every step stays to the right of it and the iteration simply ends when it no longer moves.
/// </remarks>
public static class NormalDistribution
{
    /// <summary>From here on the continued fraction needs few terms; below, the series does.</summary>
    private const double SeriesLimit = 1.5;

    /// <summary>Terms of the continued fraction: the error at 1.5 is about exp(-2 * 1.5 * sqrt(240)), below
    /// 1e-20.</summary>
    private const int FractionTerms = 120;

    private const int MaxSteps = 100;

    private static readonly double s_inverseRootTwoPi = 1 / Math.Sqrt(2 * Math.PI);

    /// <summary>The probability of a value above x.</summary>
    public static double UpperTail(double x) => x switch
    {
        < 0 => 1 - UpperTail(-x),
        < SeriesLimit => 0.5 - Density(x) * CentralSeries(x),
        _ => Density(x) * Mills(x),
    };

    /// <summary>The value with probability p below it; infinite at 0 and 1, not-a-number outside [0, 1].</summary>
    public static double Quantile(double p) => p switch
    {
        < 0 or > 1 => double.NaN,
        // 1 - p is exact here.
        >= 0.5 => UpperQuantile(1 - p),
        _ => -UpperQuantile(p),
    };

    /// <summary>The x at least 0 with probability q, at most 1/2, above it.</summary>
    internal static double UpperQuantile(double q)
    {
        if (double.IsNaN(q)) return double.NaN;
        if (q <= 0) return double.PositiveInfinity;
        var target = Math.Log(q);
        // Q(x) <= exp(-x^2/2)/2, so this start is not left of the root.
        var x = Math.Sqrt(Math.Max(0, -2 * (target + Math.Log(2))));
        for (var i = 0; i < MaxSteps; i++)
        {
            var (logTail, slope) = LogTail(x);
            var next = Math.Max(0, x - (logTail - target) / slope);
            if (!(next < x)) break;
            x = next;
        }

        return x;
    }

    /// <summary>ln Q(x) and its derivative -density/Q, also where Q itself is too small for a double.</summary>
    private static (double Value, double Slope) LogTail(double x)
    {
        if (x < SeriesLimit)
        {
            var tail = UpperTail(x);
            return (Math.Log(tail), -Density(x) / tail);
        }

        var mills = Mills(x);
        return (-0.5 * x * x + Math.Log(s_inverseRootTwoPi * mills), -1 / mills);
    }

    private static double Density(double x) => s_inverseRootTwoPi * Math.Exp(-0.5 * x * x);

    /// <summary>x + x^3/3 + x^5/(3·5) + ...: the probability between 0 and x, divided by the density at x.</summary>
    private static double CentralSeries(double x)
    {
        double sum = x, term = x;
        for (var n = 3; ; n += 2)
        {
            term *= x * x / n;
            var next = sum + term;
            if (next == sum) return sum;
            sum = next;
        }
    }

    /// <summary>Mills' ratio Q(x)/density(x) = 1/(x + 1/(x + 2/(x + 3/(x + ...)))).</summary>
    private static double Mills(double x)
    {
        var below = x;
        for (var n = FractionTerms; n > 0; n--) below = x + n / below;
        return 1 / below;
    }
}
