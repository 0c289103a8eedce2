namespace Codat.Native.Robust;

/// <summary>The widest gap between neighbours of a sorted sample, and the two groups on its sides.</summary>
/// <param name="Width">The gap itself; of equal gaps the lowest.</param>
/// <param name="Below">Values below it.</param>
/// <param name="Above">Values above it.</param>
/// <param name="Distance">Mean of those above minus mean of those below.</param>
internal readonly record struct ClassGap(double Width, int Below, int Above, double Distance)
{
    /// <summary>The gap of at least two numbers.</summary>
    public static ClassGap Of(IReadOnlyList<double> sample)
    {
        var sorted = sample.Order().ToArray();
        var (width, below) = (sorted[1] - sorted[0], 1);
        for (var i = 2; i < sorted.Length; i++)
            if (sorted[i] - sorted[i - 1] > width) (width, below) = (sorted[i] - sorted[i - 1], i);
        return new ClassGap(width, below, sorted.Length - below,
            sorted[below..].Average() - sorted[..below].Average());
    }

    /// <summary>
    /// Sarle's coefficient of bimodality from sample skewness and excess kurtosis, corrected for few values: 5/9 for a
    /// uniform distribution, 1/3 for a normal one, 1 for two points. Not-a-number for fewer than four or equal values.
    /// </summary>
    public static double Bimodality(IReadOnlyList<double> sample)
    {
        var (n, mean) = ((double)sample.Count, sample.Average());
        if (n < 4 || sample.All(v => v == sample[0])) return double.NaN;
        var (second, third, fourth) = (Moment(2), Moment(3), Moment(4));
        var skewness = third / Math.Pow(second, 1.5) * Math.Sqrt(n * (n - 1)) / (n - 2);
        var excess = ((n + 1) * (fourth / (second * second) - 3) + 6) * (n - 1) / ((n - 2) * (n - 3));
        return (skewness * skewness + 1) / (excess + 3 * (n - 1) * (n - 1) / ((n - 2) * (n - 3)));

        double Moment(int power) => sample.Average(v => Math.Pow(v - mean, power));
    }
}
