namespace Codat.Native.Robust;

/// <summary>A number over the seeds of a method.</summary>
/// <param name="Mean">Its mean.</param>
/// <param name="Std">Its sample deviation over seeds; not-a-number with one seed.</param>
/// <param name="Low">Lower end of the 95 % interval over seeds and images.</param>
/// <param name="High">Upper end of it.</param>
internal readonly record struct SeedStatistic(double Mean, double Std, double Low, double High)
{
    /// <summary>Mean and sample deviation of values; the interval is not known.</summary>
    public static SeedStatistic Of(IReadOnlyList<double> values)
    {
        var known = values.Where(double.IsFinite).ToArray();
        if (known.Length == 0) return new SeedStatistic(double.NaN, double.NaN, double.NaN, double.NaN);
        var mean = known.Average();
        var std = known.Length == 1 ? double.NaN
            : Math.Sqrt(known.Sum(v => (v - mean) * (v - mean)) / (known.Length - 1));
        return new SeedStatistic(mean, std, double.NaN, double.NaN);
    }
}
