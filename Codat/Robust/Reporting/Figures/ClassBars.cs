namespace Codat.Native.Robust;

/// <summary>One class of the bar figure; fractions from 0 to 1, not-a-number where unknown.</summary>
internal sealed record ClassBar(string Name, double Robust, double RobustLow, double RobustHigh, double Clean,
    double CleanLow, double CleanHigh, bool IsWorst);

/// <summary>Two bars with intervals for each class: accuracy when clean, thin, and under attack, thick.</summary>
internal static class ClassBars
{
    private const double RowHeight = 36;
    private const double Top = 26;
    private const double ValueWidth = 50;

    /// <summary>The figure, classes from top to bottom as given.</summary>
    public static Html Render(IReadOnlyList<ClassBar> bars, double width, string title, string description)
    {
        var left = Math.Clamp(bars.Max(bar => SvgCanvas.TextWidth(bar.Name, 13)) + 14, 60, width > 400 ? 170 : 110);
        var height = Top + bars.Count * RowHeight + 6;
        var canvas = new SvgCanvas(width, height, title, description);
        var x = LinearScale.Exact(0, 100, left, width - ValueWidth);
        foreach (var tick in x.Ticks())
        {
            canvas.Line(x.Map(tick), Top - 6, x.Map(tick), height - 6, tick == 0 ? "axis" : "grid");
            canvas.Text(x.Map(tick), Top - 12, x.Label(tick) + " %", "tick", TextAnchor.Middle);
        }
        for (var i = 0; i < bars.Count; i++) Row(canvas, x, bars[i], Top + i * RowHeight, left);
        return canvas.ToHtml();
    }

    private static void Row(SvgCanvas canvas, LinearScale x, ClassBar bar, double top, double left)
    {
        canvas.BeginGroup(bar.IsWorst ? "tone-worst" : "tone-robust");
        canvas.Text(left - 10, top + 20, SvgCanvas.Fit(bar.Name, left - 10, 13), bar.IsWorst ? "name strong" : "label",
            TextAnchor.End);
        if (double.IsFinite(bar.Robust))
        {
            var end = x.Map(bar.Robust * 100);
            canvas.Rect(left, top + 11, end - left, 16, "bar",
                Tip(bar.Name + " under attack", bar.Robust, bar.RobustLow, bar.RobustHigh), radius: 1.5);
            canvas.Interval(x.Map(bar.RobustLow * 100), x.Map(bar.RobustHigh * 100), top + 19, 4, "whisker",
                horizontal: true);
        }
        canvas.EndGroup();
        if (double.IsFinite(bar.Clean))
        {
            canvas.BeginGroup("tone-clean");
            canvas.Rect(left, top + 4, x.Map(bar.Clean * 100) - left, 5, "bar",
                Tip(bar.Name + " clean", bar.Clean, bar.CleanLow, bar.CleanHigh), radius: 1);
            canvas.Interval(x.Map(bar.CleanLow * 100), x.Map(bar.CleanHigh * 100), top + 6.5, 3, "whisker thin",
                horizontal: true);
            canvas.EndGroup();
        }
        canvas.Text(canvas.Width - 2, top + 24, ReportFormat.Points(bar.Robust),
            bar.IsWorst ? "value strong" : "value", TextAnchor.End);
    }

    private static string Tip(string what, double value, double low, double high) =>
        what + ": " + ReportFormat.Percent(value) + " (95 % interval " + ReportFormat.Interval(low, high) + ")";
}
