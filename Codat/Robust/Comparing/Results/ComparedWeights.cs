namespace Codat.Native.Robust;

/// <summary>Class weights of a method in the chosen epochs of its seeds.</summary>
/// <param name="PerClass">Mean over seeds.</param>
/// <param name="Risks">Mean class risks over seeds.</param>
/// <param name="RankCorrelation">Spearman's correlation of weight and risk over classes, mean over seeds.</param>
internal sealed record ComparedWeights(double[] PerClass, double[] Risks, double RankCorrelation)
{
    /// <summary>The number of equal classes that would be as concentrated: 1 over the sum of squares.</summary>
    public double Effective => 1 / PerClass.Sum(w => w * w);

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

    /// <summary>The weights of runs that have any; null where none has.</summary>
    public static ComparedWeights? Of(IReadOnlyList<ComparedRun> runs)
    {
        var weighing = runs.Where(r => r.Weights.Length > 0 && r.Risks.Length == r.Weights.Length).ToArray();
        if (weighing.Length == 0) return null;
        var classes = Enumerable.Range(0, weighing.Min(r => r.Weights.Length)).ToArray();
        return new ComparedWeights([.. classes.Select(k => weighing.Average(r => r.Weights[k]))],
            [.. classes.Select(k => weighing.Average(r => r.Risks[k]))],
            weighing.Average(r => Spearman(r.Weights, r.Risks)))
        {
            PointMass = weighing.Average(r => Distance(r.Weights, r.Prior)),
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
