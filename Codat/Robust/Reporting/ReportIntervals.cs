namespace Codat.Native.Robust;

/// <summary>Intervals for shares, where a file gives counts only.</summary>
internal static class ReportIntervals
{
    // The 97.5 % point of the standard normal distribution.
    private const double Z = 1.959963984540054;

    /// <summary>The Wilson 95 % interval of so many correct out of n; not-a-number when n is not positive.</summary>
    public static (double Low, double High) Wilson(double correct, double n)
    {
        if (!(n > 0) || double.IsNaN(correct)) return (double.NaN, double.NaN);
        var share = correct / n;
        var scale = 1 + Z * Z / n;
        var centre = (share + Z * Z / (2 * n)) / scale;
        var half = Z / scale * Math.Sqrt(share * (1 - share) / n + Z * Z / (4 * n * n));
        return (Math.Max(0, centre - half), Math.Min(1, centre + half));
    }

    /// <summary>The Wilson 95 % interval of an attack's accuracy over all its images.</summary>
    public static (double Low, double High) Average(AttackView attack)
    {
        double correct = 0, n = 0;
        foreach (var result in attack.PerClass)
        {
            if (!(result.N > 0)) continue;
            correct += double.IsNaN(result.Correct) ? result.Accuracy * result.N : result.Correct;
            n += result.N;
        }
        return Wilson(correct, n);
    }
}
