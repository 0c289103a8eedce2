namespace Codat.Native.Robust;

/// <summary>Draws how many of n images would be right had other images of the same kind been tested.</summary>
/// <remarks>
/// Resampling right and wrong images with replacement gives a binomial count, so the images themselves are not needed.
/// Half an image is added to either side, or a class of which nothing was right would be taken for certain. Tabulates
/// the distribution and inverts it.
/// </remarks>
internal sealed class CountResampler
{
    private readonly double[] _cumulative;

    /// <summary>Tabulates the distribution for so many right of n.</summary>
    public CountResampler(int n, int correct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(correct);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(correct, n);
        (N, _cumulative) = (n, new double[n + 1]);
        // From the most likely count outwards by the ratio of neighbours: nothing overflows, tails vanish harmlessly.
        var odds = (correct + 0.5) / (n - correct + 0.5);
        _cumulative[correct] = 1;
        for (var i = correct; i < n; i++) _cumulative[i + 1] = _cumulative[i] * (n - i) / (i + 1) * odds;
        for (var i = correct; i > 0; i--) _cumulative[i - 1] = _cumulative[i] * i / (n - i + 1) / odds;
        for (var i = 1; i <= n; i++) _cumulative[i] += _cumulative[i - 1];
    }

    /// <summary>Images of the class.</summary>
    public int N { get; }

    /// <summary>The count below which the distribution has the share <paramref name="u"/>, in [0, 1).</summary>
    public int Draw(double u)
    {
        var found = Array.BinarySearch(_cumulative, u * _cumulative[N]);
        if (found < 0) return ~found;
        // On a step exactly: the count above it.
        while (found < N && _cumulative[found] <= u * _cumulative[N]) found++;
        return found;
    }
}
