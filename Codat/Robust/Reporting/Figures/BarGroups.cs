namespace Codat.Native.Robust;

/// <summary>A group of bars with intervals for each row, one bar for each run, to compare few runs.</summary>
internal static class BarGroups
{
    /// <summary>More runs than this are better shown as points.</summary>
    public const int MostBars = 6;

    private const double Top = 28;
    private const double BarHeight = 14;
    private const double Gap = 14;
    private const double ValueWidth = 50;

    /// <summary>The figure; values are fractions, its axis goes from 0 to 100 %.</summary>
    public static Html Render(IReadOnlyList<DotRow> rows, double width, string title, string description)
    {
        var left = Math.Clamp(rows.Max(row => SvgCanvas.TextWidth(row.Name, 13)) + 14, 60, width > 400 ? 170 : 110);
        var rowHeight = Gap + BarHeight * rows.Max(row => row.Dots.Count);
        var height = Top + rows.Count * rowHeight + 6;
        var canvas = new SvgCanvas(width, height, title, description);
        var x = LinearScale.Exact(0, 100, left, width - ValueWidth);
        foreach (var tick in x.Ticks())
        {
            canvas.Line(x.Map(tick), Top - 6, x.Map(tick), height - 6, tick == 0 ? "axis" : "grid");
            canvas.Text(x.Map(tick), Top - 12, x.Label(tick) + " %", "tick", TextAnchor.Middle);
        }
        for (var i = 0; i < rows.Count; i++)
        {
            var top = Top + i * rowHeight;
            canvas.Text(left - 10, top + rowHeight / 2 + 4, SvgCanvas.Fit(rows[i].Name, left - 10, 13), "label",
                TextAnchor.End);
            for (var j = 0; j < rows[i].Dots.Count; j++)
                Bar(canvas, x, rows[i].Name, rows[i].Dots[j], top + Gap / 2 + j * BarHeight);
        }
        return canvas.ToHtml();
    }

    private static void Bar(SvgCanvas canvas, LinearScale x, string row, Dot bar, double top)
    {
        if (!double.IsFinite(bar.Value)) return;
        var tip = row + ", " + bar.Name + ": " + ReportFormat.Percent(bar.Value) + " (95 % interval "
            + ReportFormat.Interval(bar.Low, bar.High) + ")";
        canvas.BeginGroup(bar.Tone);
        canvas.Rect(x.Start, top + 1, x.Map(bar.Value * 100) - x.Start, BarHeight - 3, "bar", tip, radius: 1.5);
        canvas.Interval(x.Map(bar.Low * 100), x.Map(bar.High * 100), top + (BarHeight - 1) / 2, 3, "whisker",
            horizontal: true);
        canvas.EndGroup();
        canvas.Text(canvas.Width - 2, top + BarHeight - 3, ReportFormat.Points(bar.Value), "tick", TextAnchor.End);
    }
}
