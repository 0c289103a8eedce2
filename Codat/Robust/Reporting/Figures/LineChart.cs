namespace Codat.Native.Robust;

/// <summary>One line of a chart; y values that are no numbers leave gaps.</summary>
internal sealed record LineSeries(string Name, string Tone, double[] X, double[] Y)
{
    /// <summary>True for a dashed line.</summary>
    public bool Dashed { get; init; }

    /// <summary>Single values the line is the mean of: dots without a line.</summary>
    public IReadOnlyList<(double X, double Y)> Singles { get; init; } = [];
}

/// <summary>Lines over epochs or another number, each named at its end.</summary>
internal sealed record LineChart
{
    private const double Left = 46;
    private const double Top = 14;
    private const double Bottom = 40;
    private const double LabelGap = 15;
    private const int MostMarkers = 40;

    // Names are bold: as wide as plain text this large.
    private const double BoldSize = 13.2;

    public required string Title { get; init; }
    public required string Description { get; init; }
    public required IReadOnlyList<LineSeries> Series { get; init; }

    /// <summary>True where y values are fractions shown in percent.</summary>
    public bool IsPercent { get; init; }

    /// <summary>True where the y axis starts at zero.</summary>
    public bool FromZero { get; init; } = true;

    /// <summary>What stands along the x axis.</summary>
    public string XName { get; init; } = "epoch";

    /// <summary>What stands above the y axis; nothing where null.</summary>
    public string? YName { get; init; }

    /// <summary>True where x values are whole numbers.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary>An epoch to mark with a vertical line.</summary>
    public int? Marked { get; init; }

    /// <summary>A value to mark with a horizontal line, and its name.</summary>
    public (double Value, string Name)? Reference { get; init; }

    public double Width { get; init; } = 500;
    public double Height { get; init; } = 270;

    /// <summary>The figure.</summary>
    public Html Render()
    {
        var canvas = new SvgCanvas(Width, Height, Title, Description);
        var top = YName is null ? Top : 2 * Top;
        if (YName is not null) canvas.Text(4, 11, YName, "axis-name");
        var right = 18 + Series.Max(series => SvgCanvas.TextWidth(series.Name, BoldSize));
        var factor = IsPercent ? 100.0 : 1.0;
        var (least, most) = Range(Series.SelectMany(series => series.Y.Concat(series.Singles.Select(p => p.Y))));
        if (Reference is { } line) (least, most) = (Math.Min(least, line.Value), Math.Max(most, line.Value));
        if (FromZero) least = Math.Min(0, least);
        var (first, last) = Range(Series.SelectMany(series => series.X));
        if (!double.IsFinite(first)) (first, last) = (0, 1);
        var x = IsWhole
            ? LinearScale.Whole((int)first, (int)last, Left, Width - right, (int)(Width / 45))
            : LinearScale.Nice(Math.Min(0, first), last, Left, Width - right, (int)(Width / 80));
        var y = LinearScale.Nice(least * factor, most * factor, Height - Bottom, top);
        Axes(canvas, x, y);
        if (Reference is { } mark)
        {
            var at = y.Map(mark.Value * factor);
            canvas.Line(Left, at, Width - right, at, "reference");
            canvas.Text(Left + 4, at - 5, mark.Name, "note");
        }
        if (Marked is { } epoch && epoch >= first && epoch <= last)
        {
            canvas.Line(x.Map(epoch), top, x.Map(epoch), Height - Bottom, "reference");
            var side = x.Map(epoch) > (Left + Width - right) / 2 ? TextAnchor.End : TextAnchor.Start;
            canvas.Text(x.Map(epoch) + (side == TextAnchor.End ? -5 : 5), Height - Bottom - 7, "best", "note", side);
        }
        foreach (var series in Series) Draw(canvas, series, x, y, factor);
        if (!Series.Any(series => Array.Exists(series.Y, double.IsFinite)))
            canvas.Text((x.Start + x.End) / 2, (y.Start + y.End) / 2, "no values recorded", "note", TextAnchor.Middle);
        Names(canvas, y, factor, Width - right + 9);
        return canvas.ToHtml();
    }

    private void Axes(SvgCanvas canvas, LinearScale x, LinearScale y)
    {
        foreach (var tick in y.Ticks())
        {
            canvas.Line(x.Start, y.Map(tick), x.End, y.Map(tick), tick == 0 ? "axis" : "grid");
            canvas.Text(x.Start - 8, y.Map(tick) + 4, y.Label(tick) + (IsPercent ? " %" : ""), "tick", TextAnchor.End);
        }
        foreach (var tick in x.Ticks())
        {
            canvas.Line(x.Map(tick), y.Start, x.Map(tick), y.Start + 4, "axis");
            canvas.Text(x.Map(tick), y.Start + 18, x.Label(tick), "tick", TextAnchor.Middle);
        }
        canvas.Text((x.Start + x.End) / 2, Height - 5, XName, "axis-name", TextAnchor.Middle);
    }

    private void Draw(SvgCanvas canvas, LineSeries series, LinearScale x, LinearScale y, double factor)
    {
        var points = new (double, double)[series.X.Length];
        for (var i = 0; i < points.Length; i++) points[i] = (x.Map(series.X[i]), y.Map(series.Y[i] * factor));
        canvas.BeginGroup(series.Tone);
        foreach (var (px, py) in series.Singles.Where(p => double.IsFinite(p.Y)))
            canvas.Circle(x.Map(px), y.Map(py * factor), 2, "single");
        canvas.Polyline(points, series.Dashed ? "line dashed" : "line");
        for (var i = 0; i < points.Length && points.Length <= MostMarkers; i++)
        {
            if (!double.IsFinite(points[i].Item2)) continue;
            var value = IsPercent ? ReportFormat.Percent(series.Y[i]) : ReportFormat.Short(series.Y[i]);
            canvas.Circle(points[i].Item1, points[i].Item2, points.Length > 20 ? 1.6 : 2.6, "dot",
                series.Name + ", " + XName + " " + (IsWhole ? ReportFormat.Count(series.X[i])
                    : ReportFormat.Short(series.X[i])) + ": " + value);
        }
        canvas.EndGroup();
    }

    private void Names(SvgCanvas canvas, LinearScale y, double factor, double left)
    {
        var ends = new List<(double At, LineSeries Series)>();
        foreach (var series in Series)
        {
            var value = Array.FindLast(series.Y, double.IsFinite);
            if (Array.Exists(series.Y, double.IsFinite)) ends.Add((y.Map(value * factor), series));
        }
        ends.Sort((a, b) => a.At.CompareTo(b.At));
        var places = Spread(ends.ConvertAll(end => end.At), LabelGap, y.End, y.Start);
        for (var i = 0; i < ends.Count; i++)
        {
            canvas.BeginGroup(ends[i].Series.Tone);
            canvas.Text(left, places[i] + 4, ends[i].Series.Name, "name");
            canvas.EndGroup();
        }
    }

    /// <summary>Moves sorted positions apart until neighbours are at least a gap away, within the limits.</summary>
    internal static double[] Spread(List<double> sorted, double gap, double least, double most)
    {
        var places = sorted.ToArray();
        for (var i = 1; i < places.Length; i++) places[i] = Math.Max(places[i], places[i - 1] + gap);
        if (places.Length > 0 && places[^1] > most) places[^1] = most;
        for (var i = places.Length - 2; i >= 0; i--) places[i] = Math.Min(places[i], places[i + 1] - gap);
        if (places.Length > 0 && places[0] < least - gap) places[0] = least - gap;
        return places;
    }

    internal static (double Least, double Most) Range(IEnumerable<double> values)
    {
        var (least, most) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values)
        {
            if (!double.IsFinite(value)) continue;
            least = Math.Min(least, value);
            most = Math.Max(most, value);
        }
        return (least, most);
    }
}
