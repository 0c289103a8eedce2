namespace Codat.Native.Robust;

/// <summary>
/// Are two classifiers right equally often on the same images? McNemar's test, always in its exact form.
/// </summary>
/// <remarks>
/// Only images that one has right and the other wrong can tell. If neither is better, each of them falls to either side
/// with probability 1/2; the p-value is twice the smaller binomial tail, at most 1 (McNemar 1947).
/// </remarks>
/// <param name="N">Images compared.</param>
/// <param name="OnlyFirst">Images that only the first has right.</param>
/// <param name="OnlySecond">Images that only the second has right.</param>
/// <param name="P">The two-sided p-value.</param>
public readonly record struct McNemarTest(long N, long OnlyFirst, long OnlySecond, double P)
{
    /// <summary>Accuracy of the second minus that of the first; not-a-number without images.</summary>
    public double Difference => N == 0 ? double.NaN : (double)(OnlySecond - OnlyFirst) / N;

    /// <summary>The test from counts.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative, or more images differ than there
    /// are.</exception>
    public static McNemarTest Of(long n, long onlyFirst, long onlySecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(onlyFirst);
        ArgumentOutOfRangeException.ThrowIfNegative(onlySecond);
        ArgumentOutOfRangeException.ThrowIfLessThan(n, onlyFirst + onlySecond);
        var tail = BinomialDistribution.LowerTail(Math.Min(onlyFirst, onlySecond), onlyFirst + onlySecond, 0.5);
        return new McNemarTest(n, onlyFirst, onlySecond, Math.Min(1, 2 * tail));
    }

    /// <summary>The test from right or wrong, image by image.</summary>
    /// <exception cref="ArgumentException">The two differ in length.</exception>
    public static McNemarTest Of(ReadOnlySpan<bool> first, ReadOnlySpan<bool> second)
    {
        if (first.Length != second.Length) throw new ArgumentException("Both need the same images.", nameof(second));
        long onlyFirst = 0, onlySecond = 0;
        for (var i = 0; i < first.Length; i++)
        {
            if (first[i] && !second[i]) onlyFirst++;
            if (second[i] && !first[i]) onlySecond++;
        }
        return Of(first.Length, onlyFirst, onlySecond);
    }

    /// <summary>P-values corrected for being several (Holm 1979), in their own order.</summary>
    public static double[] Holm(ReadOnlySpan<double> values)
    {
        var p = values.ToArray();
        var order = Enumerable.Range(0, p.Length).OrderBy(i => p[i]).ToArray();
        var largest = 0.0;
        for (var rank = 0; rank < order.Length; rank++)
        {
            largest = Math.Max(largest, Math.Min(1, (p.Length - rank) * p[order[rank]]));
            p[order[rank]] = largest;
        }
        return p;
    }
}
