namespace Codat.Native.Robust;

/// <summary>One class on the strip: its accuracy under attack and whether to name it.</summary>
internal sealed record StripClass(string Name, double Accuracy, bool IsWorst);

/// <summary>All classes on one line from 0 to 100 %, to see at a glance how far the worst lies from the rest.</summary>
internal static class ClassStrip
{
    private const double Height = 96;
    private const double Margin = 26;
    private const double Axis = 56;
    private const double NameWidth = 56;
    private const double LongestName = 200;

    /// <summary>The figure.</summary>
    public static Html Render(IReadOnlyList<StripClass> classes, double average, double clean, double width,
        string title, string description)
    {
        var canvas = new SvgCanvas(width, Height, title, description);
        var x = LinearScale.Exact(0, 100, Margin, width - Margin, width > 600 ? 10 : 5);
        canvas.Line(x.Start, Axis, x.End, Axis, "axis");
        foreach (var tick in x.Ticks())
        {
            canvas.Line(x.Map(tick), Axis, x.Map(tick), Axis + 5, "axis");
            canvas.Text(x.Map(tick), Axis + 22, x.Label(tick) + (tick is 0 or 100 ? " %" : ""), "tick",
                TextAnchor.Middle);
        }
        var (least, most) = LineChart.Range(classes.Select(item => item.Accuracy));
        if (double.IsFinite(least))
        {
            canvas.BeginGroup("tone-robust");
            canvas.Rect(x.Map(least * 100), Axis - 3, x.Map(most * 100) - x.Map(least * 100), 6, "bar", opacity: 0.22,
                radius: 3);
            canvas.EndGroup();
        }
        // Names of neighbours lean away from each other.
        var close = Math.Abs(x.Map(average * 100) - x.Map(clean * 100)) < NameWidth;
        var (first, second) = average <= clean
            ? (TextAnchor.End, TextAnchor.Start)
            : (TextAnchor.Start, TextAnchor.End);
        Mark(canvas, x, average, "tone-robust", "average", close ? first : TextAnchor.Middle);
        Mark(canvas, x, clean, "tone-clean", "clean", close ? second : TextAnchor.Middle);
        foreach (var item in classes.OrderBy(item => item.IsWorst))
        {
            if (!double.IsFinite(item.Accuracy)) continue;
            canvas.BeginGroup(item.IsWorst ? "tone-worst" : "tone-robust");
            canvas.Circle(x.Map(item.Accuracy * 100), Axis, item.IsWorst ? 8 : 6, "bead",
                item.Name + ": " + ReportFormat.Percent(item.Accuracy));
            if (item.IsWorst) Name(canvas, x.Map(item.Accuracy * 100), SvgCanvas.Fit(item.Name, LongestName));
            canvas.EndGroup();
        }
        return canvas.ToHtml();
    }

    // Stays inside the figure however far out the class lies.
    private static void Name(SvgCanvas canvas, double at, string name)
    {
        var half = SvgCanvas.TextWidth(name) / 2;
        var anchor = at < half ? TextAnchor.Start : at > canvas.Width - half ? TextAnchor.End : TextAnchor.Middle;
        canvas.Text(at, Axis - 16, name, "name strong", anchor);
    }

    private static void Mark(SvgCanvas canvas, LinearScale x, double value, string tone, string name, TextAnchor anchor)
    {
        if (!double.IsFinite(value)) return;
        canvas.BeginGroup(tone);
        canvas.Line(x.Map(value * 100), 22, x.Map(value * 100), Axis, "pin");
        canvas.Text(x.Map(value * 100), 16, name, "name", anchor);
        canvas.EndGroup();
    }
}
