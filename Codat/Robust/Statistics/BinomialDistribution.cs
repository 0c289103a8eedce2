namespace Codat.Native.Robust;

/// <summary>
/// The number of successes in n independent trials: exact tails and the intervals that follow from them.
/// </summary>
/// <remarks>A tail is a sum of positive terms, each from the one before, begun where it does not underflow.</remarks>
internal static class BinomialDistribution
{
    private const int Bisections = 60;

    /// <summary>The probability of at least k successes in n trials of probability p.</summary>
    public static double UpperTail(long k, long n, double p)
    {
        if (k <= 0) return 1;
        if (k > n || p <= 0) return 0;
        if (p >= 1) return 1;
        // The shorter side of the mode: there terms only fall, and the other side is what is missing to 1.
        return k > n * p ? Falling(k, n, p) : Math.Max(0, 1 - Falling(n - k + 1, n, 1 - p));
    }

    /// <summary>The probability of at most k successes in n trials of probability p.</summary>
    public static double LowerTail(long k, long n, double p) => UpperTail(n - k, n, 1 - p);

    /// <summary>
    /// Clopper and Pearson's interval for a share: covers it with at least the level, whatever the share.
    /// </summary>
    public static (double Low, double High) ExactInterval(long k, long n, double level)
    {
        if (n == 0) return (double.NaN, double.NaN);
        var tail = (1 - level) / 2;
        return (LowerEnd(k, n, tail), 1 - LowerEnd(n - k, n, tail));
    }

    // The share at which k or more successes have just the probability of the tail.
    private static double LowerEnd(long k, long n, double tail)
    {
        if (k == 0) return 0;
        var (low, high) = (0.0, (double)k / n);
        for (var i = 0; i < Bisections; i++)
        {
            var middle = (low + high) / 2;
            if (UpperTail(k, n, middle) > tail) high = middle;
            else low = middle;
        }
        return low;
    }

    private static double Falling(long k, long n, double p)
    {
        var odds = p / (1 - p);
        var first = LogFactorial(n) - LogFactorial(k) - LogFactorial(n - k) + k * Math.Log(p)
            + (n - k) * double.LogP1(-p);
        double sum = 0, term = 1;
        for (var j = k; j <= n; j++)
        {
            var next = sum + term;
            if (next == sum) break;
            sum = next;
            term *= odds * (n - j) / (j + 1);
        }
        return Math.Min(1, Math.Exp(first + Math.Log(sum)));
    }

    // Stirling's series from 16 on, where its next term is below 1e-13; the product below.
    private static double LogFactorial(long n)
    {
        const int SeriesFrom = 16;
        double shift = 0, x = n;
        while (x < SeriesFrom) shift += Math.Log(++x);
        var square = x * x;
        var series = (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / x;
        return x * Math.Log(x) - x + 0.5 * Math.Log(2 * Math.PI * x) + series - shift;
    }
}
