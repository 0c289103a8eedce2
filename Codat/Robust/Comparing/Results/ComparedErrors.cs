namespace Codat.Native.Robust;

/// <summary>What goes along with the robust error of the classes of a method under one attack.</summary>
/// <remarks>
/// Rank correlations over classes, each seed by itself. Clean and boundary error add up to the robust error, so one of
/// them always goes along with it; which one, and how much, is what is asked.
/// </remarks>
internal sealed record ComparedErrors
{
    /// <summary>A row per class, means over seeds.</summary>
    public required IReadOnlyList<ClassErrors> PerClass { get; init; }

    /// <summary>With the error on clean images.</summary>
    public required ErrorCorrelation Clean { get; init; }

    /// <summary>With the boundary error, clean minus robust accuracy.</summary>
    public required ErrorCorrelation Boundary { get; init; }

    /// <summary>With the part of the lost images that goes to one class; null without flow.</summary>
    public required ErrorCorrelation? Confusion { get; init; }

    /// <summary>With the similarity to the nearest class; null without flow.</summary>
    public required ErrorCorrelation? Similarity { get; init; }

    /// <summary>The pair of classes most often taken for each other over all seeds; null without flow.</summary>
    public required ClosestPair? Closest { get; init; }

    /// <summary>From the rows of each seed, under attack and clean; null for clean rows and without them.</summary>
    public static ComparedErrors? Of(IReadOnlyList<(AttackView Robust, AttackView Clean)> seeds)
    {
        if (seeds.Count == 0) return null;
        var classes = seeds[0].Robust.PerClass.Where(c => seeds.All(s => Known(s.Robust, c.Class)
            && Known(s.Clean, c.Class))).ToArray();
        if (classes.Length < 2) return null;
        double[][] robust = Per(s => k => 1 - Accuracy(s.Robust, k)), clean = Per(s => k => 1 - Accuracy(s.Clean, k)),
            boundary = Per(s => k => Accuracy(s.Clean, k) - Accuracy(s.Robust, k));
        var flow = ClassConfusion.Add([.. seeds.Select(s => s.Robust)]);
        if (flow is not null && classes.Any(c => c.Class >= flow.Length)) flow = null;
        var share = flow is null ? null : Per(s => k => ClassConfusion.Of(s.Robust.Flow ?? [], k).Share);
        var similar = flow is null ? null : Per(s => k => ClassConfusion.Of(s.Robust.Flow ?? [], k).Similarity);
        return new ComparedErrors
        {
            PerClass = [.. classes.Select((c, i) => new ClassErrors(c.Class, c.Name, Mean(robust, i), Mean(clean, i),
                Mean(boundary, i), Mean(share, i), Mean(similar, i),
                flow is null ? -1 : ClassConfusion.Of(flow, c.Class).Nearest))],
            Clean = ErrorCorrelation.Of(robust, clean), Boundary = ErrorCorrelation.Of(robust, boundary),
            Confusion = share is null ? null : ErrorCorrelation.Of(robust, share),
            Similarity = similar is null ? null : ErrorCorrelation.Of(robust, similar),
            Closest = flow is null ? null : ClosestPair.Of(flow),
        };

        double[][] Per(Func<(AttackView Robust, AttackView Clean), Func<int, double>> read) =>
            [.. seeds.Select(s => classes.Select(c => read(s)(c.Class)).ToArray())];
    }

    private static bool Known(AttackView row, int k) => double.IsFinite(Accuracy(row, k));

    private static double Accuracy(AttackView row, int k) => row.Find(k)?.Accuracy ?? double.NaN;

    private static double Mean(double[][]? seeds, int i) =>
        seeds is null ? double.NaN : SeedStatistic.Of([.. seeds.Select(s => s[i])]).Mean;
}

/// <summary>One class under attack, means over seeds; fractions from 0 to 1.</summary>
internal sealed record ClassErrors(int Class, string Name, double Robust, double Clean, double Boundary,
    double Confusion, double Similarity, int Nearest);

/// <summary>Spearman's correlation over classes: of each seed, not-a-number where undefined, and their mean.</summary>
internal sealed record ErrorCorrelation(double Mean, IReadOnlyList<double> Seeds)
{
    /// <summary>Of two tables by seed and class; classes without a value are left out.</summary>
    public static ErrorCorrelation Of(double[][] x, double[][] y)
    {
        double[] seeds = [.. x.Zip(y, (a, b) =>
        {
            var both = a.Zip(b).Where(p => double.IsFinite(p.First) && double.IsFinite(p.Second)).ToArray();
            return ComparedWeights.Spearman(Array.ConvertAll(both, p => p.First),
                Array.ConvertAll(both, p => p.Second));
        })];
        return new ErrorCorrelation(SeedStatistic.Of(seeds).Mean, seeds);
    }
}

/// <summary>The two classes most often taken for each other.</summary>
internal sealed record ClosestPair(int First, int Second, double Similarity)
{
    /// <summary>Of a flow matrix; null where no image is lost.</summary>
    public static ClosestPair? Of(long[][] flow)
    {
        ClosestPair? closest = null;
        for (var i = 0; i < flow.Length; i++)
            for (var j = i + 1; j < flow.Length; j++)
                if (ClassConfusion.Similar(flow, i, j) is > 0 and var both && both > (closest?.Similarity ?? 0))
                    closest = new ClosestPair(i, j, both);
        return closest;
    }
}
