namespace Codat.Native.Robust;

/// <summary>A 95 % interval for the accuracy of the worst class, whichever class that is.</summary>
/// <remarks>
/// The class that looks worst was chosen for looking worst, so its own interval is too optimistic. Here every one of
/// the K classes gets Clopper and Pearson's exact interval at Sidak's level 0.95^(1/K): classes are independent
/// samples, so all K intervals hold at once with probability of at least 0.95, and then the smallest true accuracy lies
/// between the smallest lower and the smallest upper end. Exact intervals, as Wilson's miss more often than they say
/// where an accuracy is near 0, and that is where worst classes are.
/// </remarks>
/// <param name="Low">Lower end; not-a-number where no class has images.</param>
/// <param name="High">Upper end.</param>
public readonly record struct SimultaneousBound(double Low, double High)
{
    /// <summary>The bound from right images and images by class; classes without images are left out.</summary>
    /// <exception cref="ArgumentException">The two differ in length.</exception>
    public static SimultaneousBound OfWorst(ReadOnlySpan<long> correct, ReadOnlySpan<long> n,
        double level = WilsonInterval.DefaultLevel)
    {
        if (correct.Length != n.Length) throw new ArgumentException("Counts must have one length.", nameof(n));
        var classes = 0;
        foreach (var images in n) classes += images > 0 ? 1 : 0;
        if (classes == 0) return new SimultaneousBound(double.NaN, double.NaN);
        var each = Math.Pow(level, 1.0 / classes);
        var (low, high) = (double.PositiveInfinity, double.PositiveInfinity);
        for (var k = 0; k < n.Length; k++)
        {
            if (n[k] == 0) continue;
            var interval = BinomialDistribution.ExactInterval(correct[k], n[k], each);
            (low, high) = (Math.Min(low, interval.Low), Math.Min(high, interval.High));
        }
        return new SimultaneousBound(low, high);
    }
}
