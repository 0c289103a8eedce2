namespace Codat.Native.Robust;

/// <summary>Which classes a figure shows when there are too many for all of them.</summary>
internal static class ClassSelection
{
    private const int MostShown = 24;
    private const int FromFront = 14;
    private const int FromBack = 6;

    /// <summary>All in order where they fit; else the first and last by the given rank, in rank order.</summary>
    public static List<T> Pick<T>(IReadOnlyList<T> all, Func<T, double> rank)
    {
        if (all.Count <= MostShown) return [.. all];
        var ranked = all.OrderBy(rank).ToList();
        return [.. ranked.Take(FromFront), .. ranked.TakeLast(FromBack)];
    }

    /// <summary>Says how many are not shown; empty where all are.</summary>
    public static string Note(int all, string order) => all <= MostShown ? ""
        : " Shown are the first " + ReportFormat.Count(FromFront) + " and last " + ReportFormat.Count(FromBack) + " of "
            + ReportFormat.Count(all) + " classes by " + order + "; the tables have all of them.";
}
