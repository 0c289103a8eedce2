namespace Codat.Native.Robust;

/// <summary>
/// How far a number computed from the mean accuracies of all classes could be off: the draws of
/// <see cref="SeedBootstrap"/>, made for each class.
/// </summary>
/// <remarks>
/// The number is computed from each replicate of the class accuracies. Resampling spreads classes, so replicates are
/// centred on what was measured.
/// </remarks>
internal sealed class ClassBootstrap
{
    private readonly double[] _measured;
    private readonly double[][] _replicates;

    private ClassBootstrap(double[] measured, double[][] replicates) =>
        (_measured, _replicates) = (measured, replicates);

    /// <summary>Mean accuracy over seeds of every class all seeds have images of.</summary>
    public IReadOnlyList<double> Accuracies => _measured;

    /// <summary>The bootstrap of one method under one attack.</summary>
    public static ClassBootstrap Of(string label, IReadOnlyList<AttackView> seeds)
    {
        int[] classes = [.. seeds[0].PerClass.Select(c => c.Class)
            .Where(k => seeds.All(s => s.Find(k) is { N: > 0, Correct: >= 0 }))];
        var rows = classes.Select(k => seeds.Select(s => s.Find(k)!).ToArray()).ToArray(); // each was just found
        var shares = Array.ConvertAll(rows, row => Array.ConvertAll(row, c => c.Correct / c.N));
        var counts = Array.ConvertAll(rows, row =>
            Array.ConvertAll(row, c => new CountResampler((int)c.N, (int)c.Correct)));
        var measured = Array.ConvertAll(shares, s => s.Average());
        var (stream, widen) = (SeedBootstrap.Stream(label), SeedBootstrap.Widening(seeds.Count));
        var replicates = new double[SeedBootstrap.Replicates][];
        for (var b = 0; b < replicates.Length; b++)
        {
            var replicate = b;
            replicates[b] = [.. classes.Select((k, i) => Drawn(shares[i], replicate, measured[i], widen)
                + Images(counts[i], SeedBootstrap.Image(replicate, k, stream)) - measured[i])];
        }
        return new ClassBootstrap(measured, replicates);
    }

    /// <summary>A number and its interval; not-a-number where it is not defined.</summary>
    /// <param name="compute">The number, from the accuracies of the classes.</param>
    /// <param name="most">The largest it can be.</param>
    public SeedStatistic Statistic(Func<IReadOnlyList<double>, double> compute,
        double most = double.PositiveInfinity)
    {
        var measured = compute(_measured);
        double[] drawn = [.. _replicates.Select(compute).Where(double.IsFinite).Order()];
        if (!double.IsFinite(measured) || drawn.Length == 0)
            return new SeedStatistic(measured, double.NaN, double.NaN, double.NaN);
        var shift = measured - drawn.Average();
        return new SeedStatistic(measured, double.NaN, Math.Clamp(SeedBootstrap.Lower(drawn) + shift, 0, most),
            Math.Clamp(SeedBootstrap.Upper(drawn) + shift, 0, most));
    }

    private static double Drawn(double[] seeds, int replicate, double mean, double widen)
    {
        var sum = 0.0;
        for (var s = 0; s < seeds.Length; s++) sum += seeds[SeedBootstrap.Seed(replicate, s, seeds.Length)];
        return mean + widen * (sum / seeds.Length - mean);
    }

    private static double Images(CountResampler[] seeds, double quantile) =>
        seeds.Average(s => (double)s.Draw(quantile) / s.N);
}
