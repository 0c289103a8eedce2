using System.Globalization;

namespace Codat.Native.Robust;

/// <summary>Which class loses its images to which under attack.</summary>
internal static class FlowSection
{
    private const string Title = "Where attacked images go";
    private const int WordyClasses = 4;
    private const int MostNamed = 30;

    /// <summary>The section of one run.</summary>
    public static Html Render(ReportRun run)
    {
        if (run.View.Final?.StrongestWithFlow is not { Flow: { } flow } attack)
            return PageParts.Missing(run, "flow", Title, "final.json records no class flow (counts of true against "
                + "predicted class under attack).");
        var html = new HtmlBuilder().Add($"<div class=\"aside\"><h3>The main thieves</h3><ul class=\"thieves\">");
        var known = attack.PerClass.Where(item =>
            item.Class >= 0 && item.Class < flow.Length && double.IsFinite(item.Accuracy));
        foreach (var item in known.OrderBy(item => item.Accuracy).Take(WordyClasses))
            html.Add($"<li>{Narrative.Losses(run, flow, item.Class)}</li>");
        html.Add($"</ul><p>{Narrative.BusiestPair(run, flow)}</p></div>");
        return PageParts.Section(run, "flow", Title,
            Html.Of($"Rows are the true classes, columns what the network answers under {attack.Name}, the strongest "
                + $"attack with a recorded flow."),
            Html.Of($"<div class=\"grid wide-left\">{Matrix(run, attack)}{html.ToHtml()}</div>"));
    }

    /// <summary>The matrices of several runs side by side; nothing where no run has one.</summary>
    public static Html Compare(IReadOnlyList<ReportRun> runs)
    {
        var html = new HtmlBuilder();
        foreach (var run in runs)
        {
            if (run.View.Final?.StrongestWithFlow is { Flow: not null } attack)
                html.Add(PageParts.Figure(run.Letter + "  " + run.Label, Picture(run, attack),
                    Html.Of($"Under {attack.Name}.")));
        }
        var figures = html.ToHtml();
        return figures.Markup.Length == 0 ? Html.Empty : PageParts.Section(null, "flow", Title,
            Html.Of($"Rows are the true classes, columns what the network answers under attack, in percent of the "
                + $"row. Blue stays, orange is lost."),
            Html.Of($"<div class=\"grid even\">{figures}</div>"));
    }

    private static Html Matrix(ReportRun run, AttackView attack) => PageParts.Figure(
        "Class flow under " + attack.Name, Picture(run, attack),
        Html.Of($"Percent of the row. A class that keeps its images is blue on the diagonal; orange cells are what it "
            + $"loses and to whom. Images that were already wrong without the attack count where they went."),
        PageParts.Legend(("tone-robust", "kept"), ("tone-up", "lost to another class")));

    private static Html Picture(ReportRun run, AttackView attack)
    {
        // Only called for attacks whose flow was found.
        var flow = attack.Flow ?? [];
        var names = Enumerable.Range(0, flow.Length).Select(run.ClassName).ToList();
        // Names would cover each other; the tips of the cells have them.
        var isLarge = flow.Length > MostNamed;
        var indices = Enumerable.Range(0, flow.Length).Select(k => k.ToString(CultureInfo.InvariantCulture)).ToList();
        var sums = flow.Select(row => row.Sum()).ToArray();
        var map = new HeatMap
        {
            Title = "Class flow under " + attack.Name,
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
