namespace Codat.Native.Robust;

/// <summary>
/// Exponentials and logarithms of doubles made of sums and products alone, so that every processor and GPU gives the
/// same bits; <c>portable_math.cuh</c> is the twin. Within 6 units in the last place.
/// </summary>
internal static class PortableMath
{
    // ln 2 in two parts: products of the first with whole numbers up to 2^11 are exact.
    private const double Ln2High = 6.93147180369123816490e-01, Ln2Low = 1.90821492927058770002e-10;
    private const double Log2OfE = 1.4426950408889634;
    private const double LargestExp = 709.782712893384, SmallestExp = -745.1332191019412;
    private const double SeriesReach = 0.34;

    /// <summary>e^x.</summary>
    public static double Exp(double x)
    {
        if (double.IsNaN(x)) return x;
        if (x > LargestExp) return double.PositiveInfinity;
        if (x < SmallestExp) return 0;
        var power = (int)Math.Floor(x * Log2OfE + 0.5);
        var rest = (x - power * Ln2High) - power * Ln2Low;
        var half = power >> 1;
        return (1 + (rest + rest * rest * Quadratic(rest))) * PowerOfTwo(half) * PowerOfTwo(power - half);
    }

    /// <summary>e^x - 1, also right where that is tiny.</summary>
    public static double ExpLessOne(double x) =>
        Math.Abs(x) < SeriesReach ? x + x * x * Quadratic(x) : Exp(x) - 1;

    /// <summary>Natural logarithm; minus infinity at 0, not-a-number below.</summary>
    public static double Log(double x)
    {
        if (!(x > 0)) return x == 0 ? double.NegativeInfinity : double.NaN;
        if (x == double.PositiveInfinity) return x;
        var power = 0;
        if (x < 2.2250738585072014e-308)
        {
            x *= 18014398509481984.0; // 2^54
            power = -54;
        }
        var bits = BitConverter.DoubleToInt64Bits(x);
        power += (int)(bits >> 52) - 1023;
        var mantissa = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000);
        if (mantissa > 1.4142135623730951)
        {
            mantissa *= 0.5;
            power++;
        }
        var f = mantissa - 1;
        var z = f / (2 + f);
        return power * Ln2High + (f - (z * (f - 2 * z * z * Tail(z * z, LogTerms)) - power * Ln2Low));
    }

    /// <summary>y - log(1 + y) for |y| up to 1/2, right relative to itself however small y is.</summary>
    public static double LogGap(double y)
    {
        var z = y / (2 + y);
        return 2 * z * z * (1 / (1 - z) - z * Tail(z * z, GapTerms));
    }

    private const int LogTerms = 11, GapTerms = 17;

    /// <summary>(e^x - 1 - x) / x^2 for |x| up to 0.35.</summary>
    private static double Quadratic(double x)
    {
        var sum = 1.0;
        for (var n = 14; n > 2; n--) sum = 1 + x * sum / n;
        return 0.5 * sum;
    }

    /// <summary>1/3 + s/5 + s^2/7 + ...: the logarithm's series after its first term.</summary>
    private static double Tail(double s, int terms)
    {
        double sum = 0;
        for (var n = terms; n > 0; n--) sum = sum * s + 1.0 / (2 * n + 1);
        return sum;
    }

    private static double PowerOfTwo(int power) => BitConverter.Int64BitsToDouble((power + 1023L) << 52);
}
