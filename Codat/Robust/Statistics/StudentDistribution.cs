namespace Codat.Native.Robust;

/// <summary>Student's t distribution with a whole number of degrees of freedom.</summary>
/// <remarks>
/// The probability is a finite sum (Abramowitz and Stegun 26.7.3 and 26.7.4); the quantile bisects it.
/// </remarks>
internal static class StudentDistribution
{
    /// <summary>The probability of a value between -t and t.</summary>
    public static double Central(double t, int degrees)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(degrees, 1);
        var angle = Math.Atan(t / Math.Sqrt(degrees));
        var (sin, cos) = Math.SinCos(angle);
        var odd = degrees % 2 == 1;
        var (term, sum) = (odd ? cos : 1.0, 0.0);
        for (var i = odd ? 3 : 2; i <= degrees; i += 2)
        {
            sum += term;
            term *= cos * cos * (i - 1) / i;
        }
        return odd ? 2 / Math.PI * (angle + sin * sum) : sin * sum;
    }

    /// <summary>The t that a value stays below, in size, with probability <paramref name="p"/>.</summary>
    public static double CentralQuantile(double p, int degrees)
    {
        if (!(p > 0 && p < 1)) throw new ArgumentOutOfRangeException(nameof(p), p, "Between 0 and 1.");
        var (low, high) = (0.0, 1.0);
        while (Central(high, degrees) < p) high *= 2;
        for (var middle = high / 2; middle > low && middle < high; middle = low + (high - low) / 2)
        {
            if (Central(middle, degrees) < p) low = middle;
            else high = middle;
        }
        return high;
    }
}
