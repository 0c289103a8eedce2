namespace Codat.Native.Robust;

/// <summary>Accuracy of each class, clean and under the strongest attack.</summary>
internal static class ClassSection
{
    private const string Title = "Class by class";
    private const int MostRanked = 7;

    /// <summary>The section of one run.</summary>
    public static Html Render(ReportRun run)
    {
        var (bars, source) = Bars(run);
        if (bars.Count == 0)
            return PageParts.Missing(run, "classes", Title, "Neither final.json nor classes.csv holds accuracies per "
                + "class.");
        var shown = ClassSelection.Pick(bars, bar => bar.Robust);
        var picture = PageParts.Responsive(620, width =>
            ClassBars.Render(shown, width, "Accuracy of each class, " + source, Describe(bars)));
        var caption = Html.Of($"{Capital(source)}. The lines are 95 % Wilson intervals: where two of them overlap "
            + $"widely, the data cannot tell the classes apart.{ClassSelection.Note(bars.Count, "robust accuracy")}");
        var legend = PageParts.Legend(
            ("tone-clean", "clean"), ("tone-robust", "attacked"), ("tone-worst", "attacked, worst class"));
        return PageParts.Section(run, "classes", Title, Lead(bars), Html.Of($"""
            <div class="grid wide-left">
            {PageParts.Figure("Clean and under attack", picture, caption, legend)}
            {Ranking(bars)}
            </div>
            """));
    }

    /// <summary>The classes of several runs side by side: bars with intervals, points where they are many.</summary>
    public static Html Compare(IReadOnlyList<ReportRun> runs, IReadOnlyList<AttackView?> attacks)
    {
        var classes = runs.Max(run => run.Classes);
        var rows = new List<DotRow>();
        for (var k = 0; k < classes; k++)
        {
            var dots = new List<Dot>();
            for (var i = 0; i < runs.Count; i++)
                if (attacks[i]?.Find(k) is { } result)
                    dots.Add(new Dot(runs[i].Letter, runs[i].Tone, result.Accuracy, result.Low, result.High));
            if (dots.Count > 0) rows.Add(new DotRow(runs[0].ClassName(k), dots));
        }
        if (rows.Count == 0) return Html.Empty;
        var shown = ClassSelection.Pick(rows, row => row.Dots.Min(dot => dot.Value));
        var legend = runs.Select(run => (run.Tone, run.Letter + "  " + run.Label)).ToArray();
        var attack = attacks.Select(item => item?.Name).Distinct().ToList() is [{ } shared] ? "under " + shared
            : "under attack";
        var caption = Html.Of($"Accuracies {attack}; lines are 95 % Wilson intervals over the evaluated images, "
            + $"variation between seeds comes on top.{ClassSelection.Note(rows.Count, "their lowest accuracy")}");
        var title = "Accuracy of each class " + attack;
        var picture = runs.Count > BarGroups.MostBars
            ? DotChart.Render(shown, 100, " %", title, "One point for each run and class")
            : PageParts.Responsive(1060, width =>
                BarGroups.Render(shown, width, title, "One bar for each run and class"));
        return PageParts.Section(null, "classes", Title,
            Html.Of($"What each class gains or pays from one run to the next."),
            PageParts.Figure("Under attack", picture, caption, PageParts.Legend(legend)));
    }

    private static (List<ClassBar> Bars, string Source) Bars(ReportRun run)
    {
        if (run.View.Final is { } final && (final.Strongest ?? final.Clean) is { PerClass.Count: > 0 } attack)
        {
            var worst = attack.WorstClass;
            var bars = new List<ClassBar>();
            foreach (var item in attack.PerClass.OrderBy(item => item.Class))
            {
                var clean = final.Clean?.Find(item.Class);
                bars.Add(new ClassBar(item.Name, item.Accuracy, item.Low, item.High, clean?.Accuracy ?? double.NaN,
                    clean?.Low ?? double.NaN, clean?.High ?? double.NaN, item == worst));
            }
            return (bars, final.Split + " split under " + attack.Name);
        }
        var epoch = run.View.ShownEpoch?.Epoch ?? (run.View.ClassRows.Count > 0 ? run.View.ClassRows[^1].Epoch : 0);
        var rows = run.View.ClassRows.Where(row => row.Epoch == epoch).OrderBy(row => row.Class).ToList();
        var lowest = rows.Where(row => double.IsFinite(row.Robust)).MinBy(row => row.Robust);
        return (rows.ConvertAll(row =>
        {
            var (low, high) = ReportIntervals.Wilson(row.Clean * row.N, row.N);
            return new ClassBar(row.Name, row.Robust, row.Low, row.High, row.Clean, low, high, row == lowest);
        }), "validation split, epoch " + ReportFormat.Count(epoch));
    }

    private static Html Ranking(List<ClassBar> bars)
    {
        var known = bars.Where(bar => double.IsFinite(bar.Robust)).OrderBy(bar => bar.Robust).ToList();
        var html = new HtmlBuilder().Add($"<div class=\"aside\"><h3>Most exposed</h3><ol class=\"ranking\">");
        foreach (var bar in known.Take(MostRanked))
        {
            html.Add($"<li class=\"{(bar.IsWorst ? "tone-worst" : "tone-robust")}\"><b>{bar.Name}</b> "
                + $"<span>{ReportFormat.Percent(bar.Robust)}</span>");
            if (double.IsFinite(bar.Clean)) html.Add($"<small>loses {ReportFormat.Points(bar.Clean - bar.Robust)} "
                + $"points to the attack</small>");
            html.Add($"</li>");
        }
        return html.Add($"</ol></div>").ToHtml();
    }

    private static Html Lead(List<ClassBar> bars)
    {
        var known = bars.Where(bar => double.IsFinite(bar.Robust)).OrderBy(bar => bar.Robust).ToList();
        if (known.Count < 2) return Html.Empty;
        var (low, high) = (known[0], known[^1]);
        var text = new HtmlBuilder().Add($"From {ReportFormat.Percent(low.Robust)} for {low.Name} to "
            + $"{ReportFormat.Percent(high.Robust)} for {high.Name}: a spread of "
            + $"{ReportFormat.Points(high.Robust - low.Robust)} points.");
        if (known[1].RobustLow > low.RobustHigh) text.Add($" The worst class is worst beyond sampling error.");
        else if (double.IsFinite(low.RobustHigh)) text.Add($" The intervals of {low.Name} and {known[1].Name} "
            + $"overlap, so which of them is worst is not settled.");
        return text.ToHtml();
    }

    private static string Describe(List<ClassBar> bars) =>
        string.Join("; ", ClassSelection.Pick(bars, bar => bar.Robust)
        .Select(bar => bar.Name + " " + ReportFormat.Percent(bar.Robust)));

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
