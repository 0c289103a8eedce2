namespace Codat.Native.Robust;

/// <summary>One point with its interval; the interval may be not-a-number.</summary>
internal sealed record Dot(string Name, string Tone, double Value, double Low, double High);

/// <summary>The points of one row.</summary>
internal sealed record DotRow(string Name, IReadOnlyList<Dot> Dots);

/// <summary>Rows of points with intervals along one axis, to compare several runs.</summary>
internal static class DotChart
{
    private const double Width = 1060;
    private const double Top = 28;
    private const double DotGap = 9;

    /// <summary>The figure; its axis shows values times <paramref name="factor"/>, in the given unit.</summary>
    public static Html Render(IReadOnlyList<DotRow> rows, double factor, string unit, string title, string description)
    {
        var left = Math.Clamp(rows.Max(row => SvgCanvas.TextWidth(row.Name, 13)) + 14, 60, 170);
        var rowHeight = Math.Max(30, 14 + DotGap * rows.Max(row => row.Dots.Count));
        var height = Top + rows.Count * rowHeight + 6;
        var canvas = new SvgCanvas(Width, height, title, description);
        var (_, most) = LineChart.Range(rows.SelectMany(row => row.Dots)
            .SelectMany(dot => new[] { dot.Value, dot.High }));
        var x = LinearScale.Nice(0, most * factor, left, Width - 20, 8);
        foreach (var tick in x.Ticks())
        {
            canvas.Line(x.Map(tick), Top - 6, x.Map(tick), height - 6, tick == 0 ? "axis" : "grid");
            canvas.Text(x.Map(tick), Top - 12, x.Label(tick) + unit, "tick", TextAnchor.Middle);
        }
        for (var i = 0; i < rows.Count; i++)
        {
            var top = Top + i * rowHeight;
            if (i > 0) canvas.Line(0, top, Width, top, "grid");
            canvas.Text(left - 10, top + rowHeight / 2 + 4, SvgCanvas.Fit(rows[i].Name, left - 10, 13), "label",
                TextAnchor.End);
            var first = top + rowHeight / 2 - DotGap * (rows[i].Dots.Count - 1) / 2;
            for (var j = 0; j < rows[i].Dots.Count; j++)
                Draw(canvas, x, rows[i], rows[i].Dots[j], first + j * DotGap, factor, unit);
        }
        return canvas.ToHtml();
    }

    private static void Draw(SvgCanvas canvas, LinearScale x, DotRow row, Dot dot, double y, double factor, string unit)
    {
        if (!double.IsFinite(dot.Value)) return;
        canvas.BeginGroup(dot.Tone);
        if (double.IsFinite(dot.Low) && double.IsFinite(dot.High))
            canvas.Line(x.Map(dot.Low * factor), y, x.Map(dot.High * factor), y, "span");
        canvas.Circle(x.Map(dot.Value * factor), y, 4, "bar",
            row.Name + ", " + dot.Name + ": " + ReportFormat.Fixed(dot.Value * factor, factor > 1 ? 1 : 2) + unit);
        canvas.EndGroup();
    }
}
