using System.Globalization;

namespace Codat.Native.Robust;

/// <summary>A class flow as a picture: true class by predicted class, in percent of the row.</summary>
internal static class FlowMatrix
{
    private const int MostNamed = 30;

    /// <summary>The picture.</summary>
    /// <param name="flow">Images by true and predicted class.</param>
    /// <param name="nameOf">The name of a class.</param>
    /// <param name="attack">The name of the attack.</param>
    public static Html Render(long[][] flow, Func<int, string> nameOf, string attack)
    {
        var names = Enumerable.Range(0, flow.Length).Select(nameOf).ToList();
        // Names would cover each other; the tips of the cells have them.
        var isLarge = flow.Length > MostNamed;
        var indices = Enumerable.Range(0, flow.Length).Select(k => k.ToString(CultureInfo.InvariantCulture)).ToList();
        var sums = flow.Select(row => row.Sum()).ToArray();
        var map = new HeatMap
        {
            Title = "Class flow under " + attack,
            Description = "Rows: true class; columns: predicted class; cells: percent of the row",
            Rows = isLarge ? indices : names,
            Columns = isLarge ? indices : names,
            SlantedColumns = !isLarge,
            NameEvery = isLarge ? 10 : 1,
            CellWidth = Math.Clamp(480.0 / Math.Max(1, flow.Length), 6, 46),
            CellHeight = Math.Clamp(400.0 / Math.Max(1, flow.Length), 6, 36),
            Cell = (i, j) =>
            {
                if (isLarge && flow[i][j] == 0) return new HeatCell("tone-up", 0, "", "");
                var share = sums[i] > 0 ? (double)flow[i][j] / sums[i] : 0;
                var text = share < 0.005 ? "" : ReportFormat.Fixed(share * 100, 0);
                var verb = i == j ? " kept: " : " taken for " + names[j] + ": ";
                var tip = names[i] + verb + ReportFormat.Count(flow[i][j]) + " of " + ReportFormat.Count(sums[i]) + " ("
                    + ReportFormat.Percent(share) + ")";
                // Losses are small beside what is kept: the root makes them visible.
                return i == j
                    ? new HeatCell("tone-robust", share * 0.85, text, tip)
                    : new HeatCell("tone-up", Math.Min(1, Math.Sqrt(share) * 1.25), text, tip);
            },
        };
        return map.Render();
    }
}
