namespace Codat.Native.Robust;

/// <summary>One named point of a scatter chart.</summary>
internal sealed record ScatterPoint(string Name, double X, double Y, string Tone);

/// <summary>Named points in a plane, with a horizontal reference line.</summary>
internal sealed record ScatterChart
{
    private const double Left = 52;
    private const double Top = 30;
    private const double Bottom = 46;
    private const double Right = 16;

    public required string Title { get; init; }
    public required string Description { get; init; }
    public required IReadOnlyList<ScatterPoint> Points { get; init; }

    /// <summary>Further points, drawn hollow.</summary>
    public IReadOnlyList<ScatterPoint> Hollow { get; init; } = [];

    public required string XName { get; init; }
    public required string YName { get; init; }

    /// <summary>Where the horizontal reference line stands, and its name.</summary>
    public (double Value, string Name)? Reference { get; init; }

    /// <summary>True where the y axis starts at zero.</summary>
    public bool FromZero { get; init; } = true;

    /// <summary>Corners of a line drawn behind the points.</summary>
    public IReadOnlyList<(double X, double Y)> Front { get; init; } = [];

    public double Width { get; init; } = 560;
    public double Height { get; init; } = 360;

    /// <summary>The figure.</summary>
    public Html Render()
    {
        var canvas = new SvgCanvas(Width, Height, Title, Description);
        var points = Points.Where(IsKnown).ToList();
        var hollow = Hollow.Where(IsKnown).ToList();
        var (left, right) = LineChart.Range(points.Concat(hollow).Select(point => point.X));
        var (least, most) = LineChart.Range(points.Concat(hollow).Select(point => point.Y));
        var margin = (right - left) * 0.08;
        var x = LinearScale.Nice(Math.Max(0, left - margin), right + margin, Left, Width - Right);
        var y = LinearScale.Nice(FromZero ? Math.Min(0, least) : least, most, Height - Bottom, Top);
        Axes(canvas, x, y);
        canvas.Polyline([.. Front.Select(corner => (x.Map(corner.X), y.Map(corner.Y)))], "front");
        var taken = new List<(double Left, double Top, double Right, double Bottom)>();
        foreach (var point in hollow)
        {
            var (px, py) = (x.Map(point.X), y.Map(point.Y));
            taken.Add((px - 4, py - 4, px + 4, py + 4));
            canvas.Circle(px, py, 5, "ring", Tip(point));
        }
        foreach (var point in points)
        {
            var (px, py) = (x.Map(point.X), y.Map(point.Y));
            taken.Add((px - 6, py - 6, px + 6, py + 6));
            canvas.BeginGroup(point.Tone);
            canvas.Circle(px, py, 5, "bar", Tip(point));
            canvas.EndGroup();
        }
        foreach (var point in points.OrderByDescending(point => point.Y))
            Name(canvas, point, x.Map(point.X), y.Map(point.Y), taken);
        return canvas.ToHtml();
    }

    private void Axes(SvgCanvas canvas, LinearScale x, LinearScale y)
    {
        foreach (var tick in y.Ticks())
        {
            canvas.Line(x.Start, y.Map(tick), x.End, y.Map(tick), tick == 0 ? "axis" : "grid");
            canvas.Text(x.Start - 8, y.Map(tick) + 4, y.Label(tick), "tick", TextAnchor.End);
        }
        foreach (var tick in x.Ticks())
        {
            canvas.Line(x.Map(tick), y.Start, x.Map(tick), y.Start + 4, "axis");
            canvas.Text(x.Map(tick), y.Start + 18, x.Label(tick), "tick", TextAnchor.Middle);
        }
        canvas.Text((x.Start + x.End) / 2, Height - 6, XName, "axis-name", TextAnchor.Middle);
        canvas.Text(4, 14, YName, "axis-name");
        if (Reference is not { } line) return;
        canvas.Line(x.Start, y.Map(line.Value), x.End, y.Map(line.Value), "reference");
        canvas.Text(x.End, y.Map(line.Value) - 5, line.Name, "note", TextAnchor.End);
    }

    // Tries the sides and corners of a point and leaves the name to the tooltip where all are taken.
    private void Name(SvgCanvas canvas, ScatterPoint point, double x, double y,
        List<(double, double, double, double)> taken)
    {
        var width = SvgCanvas.TextWidth(point.Name);
        Span<(double X, double Y, TextAnchor Anchor)> places =
        [
            (x + 10, y + 4, TextAnchor.Start), (x - 10, y + 4, TextAnchor.End),
            (x, y - 10, TextAnchor.Middle), (x, y + 19, TextAnchor.Middle),
            (x + 9, y + 14, TextAnchor.Start), (x - 9, y - 7, TextAnchor.End), (x + 9, y - 7, TextAnchor.Start),
            (x - 9, y + 14, TextAnchor.End), (x + 22, y + 4, TextAnchor.Start), (x - 26, y + 4, TextAnchor.End),
        ];
        foreach (var (px, py, anchor) in places)
        {
            var left = anchor switch { TextAnchor.Start => px, TextAnchor.End => px - width, _ => px - width / 2 };
            var box = (left, py - 11, left + width, py + 3);
            if (left < Left || left + width > Width || taken.Exists(other => Meet(other, box))) continue;
            taken.Add(box);
            canvas.BeginGroup(point.Tone);
            canvas.Text(px, py, point.Name, "name", anchor);
            canvas.EndGroup();
            return;
        }
    }

    private static bool IsKnown(ScatterPoint point) => double.IsFinite(point.X) && double.IsFinite(point.Y);

    private static bool Meet((double L, double T, double R, double B) a, (double L, double T, double R, double B) b) =>
        a.L < b.R && b.L < a.R && a.T < b.B && b.T < a.B;

    private string Tip(ScatterPoint point) =>
        point.Name + ": " + XName + " " + ReportFormat.Short(point.X) + ", " + YName + " "
            + ReportFormat.Short(point.Y);
}
