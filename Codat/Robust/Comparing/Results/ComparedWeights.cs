namespace Codat.Native.Robust;

/// <summary>Class weights of a method over its seeds: a vector of each seed beside its class risks.</summary>
/// <param name="PerClass">Mean over seeds.</param>
/// <param name="Risks">Mean class risks over seeds.</param>
/// <param name="RankCorrelation">Spearman's correlation of weight and risk over classes, mean over seeds.</param>
internal sealed record ComparedWeights(double[] PerClass, double[] Risks, double RankCorrelation)
{
    /// <summary>The smallest weight, mean over seeds.</summary>
    public required double Least { get; init; }

    /// <summary>The largest weight, mean over seeds.</summary>
    public required double Largest { get; init; }

    /// <summary>
    /// The number of equal classes that would be as concentrated: 1 over the sum of squares, mean over seeds.
    /// </summary>
    public required double Effective { get; init; }

    /// <summary>
    /// Chi-square distance from the prior as a part of the largest a single class can have: 0 is the prior, 1 all
    /// weight on its rarest class. Mean over seeds; not-a-number where the prior is not known.
    /// </summary>
    public double PointMass { get; init; } = double.NaN;

    /// <summary>The same for one vector of weights.</summary>
    public static double Distance(double[] weights, double[] prior)
    {
        if (prior.Length != weights.Length || prior.Length < 2 || prior.Any(p => p <= 0)) return double.NaN;
        return weights.Zip(prior, (w, p) => (w - p) * (w - p) / p).Sum() / (1 / prior.Min() - 1);
    }

    /// <summary>
    /// What the runs trained with: means over the steps of their chosen epochs; null where none tells.
    /// </summary>
    public static ComparedWeights? InSteps(IReadOnlyList<ComparedRun> runs) =>
        Of(runs.Select(r => (r.Weights, r.Risks, r.Prior)));

    /// <summary>
    /// The worst weights p* in the set of the method, for the class risks of the chosen network on the validation
    /// split; null where none tells.
    /// </summary>
    public static ComparedWeights? AtTheEnd(IReadOnlyList<ComparedRun> runs) =>
        Of(runs.Select(r => (r.Optimal, r.OptimalRisks, r.Prior)));

    private static ComparedWeights? Of(IEnumerable<(double[] Weights, double[] Risks, double[] Prior)> seeds)
    {
        var weighing = seeds.Where(s => s.Weights.Length > 0 && s.Risks.Length == s.Weights.Length).ToArray();
        if (weighing.Length == 0) return null;
        var classes = Enumerable.Range(0, weighing.Min(s => s.Weights.Length)).ToArray();
        return new ComparedWeights([.. classes.Select(k => weighing.Average(s => s.Weights[k]))],
            [.. classes.Select(k => weighing.Average(s => s.Risks[k]))],
            weighing.Average(s => Spearman(s.Weights, s.Risks)))
        {
            Least = weighing.Average(s => s.Weights.Min()), Largest = weighing.Average(s => s.Weights.Max()),
            Effective = weighing.Average(s => 1 / s.Weights.Sum(w => w * w)),
            PointMass = weighing.Average(s => Distance(s.Weights, s.Prior)),
        };
    }

    /// <summary>
    /// The correlation of ranks, equal values sharing their mean rank; not-a-number where all are equal.
    /// </summary>
    public static double Spearman(double[] x, double[] y)
    {
        var (a, b) = (Ranks(x), Ranks(y));
        var mean = (x.Length - 1) / 2.0;
        double product = 0, squareA = 0, squareB = 0;
        for (var i = 0; i < x.Length; i++)
        {
            product += (a[i] - mean) * (b[i] - mean);
            squareA += (a[i] - mean) * (a[i] - mean);
            squareB += (b[i] - mean) * (b[i] - mean);
        }
        return product / Math.Sqrt(squareA * squareB);
    }

    private static double[] Ranks(double[] values) =>
        Array.ConvertAll(values, v => values.Count(o => o < v) + (values.Count(o => o == v) - 1) / 2.0);
}
