namespace Codat.Native.Robust;

/// <summary>Where a text stands relative to its point.</summary>
internal enum TextAnchor
{
    Start,
    Middle,
    End,
}

/// <summary>
/// Writes one inline SVG figure in user units (CSS pixels at full size). Colours come from CSS classes, so that a
/// figure follows the theme of the page.
/// </summary>
internal sealed class SvgCanvas(double width, double height, string title, string description)
{
    private readonly HtmlBuilder _body = new();

    /// <summary>Width in user units.</summary>
    public double Width => width;

    /// <summary>Height in user units.</summary>
    public double Height => height;

    /// <summary>About how wide a text of the figures' font is; wide fonts set the measure.</summary>
    public static double TextWidth(string text, double size = 12) => text.Length * size * 0.6;

    /// <summary>A text cut to fit a width, with an ellipsis where something is missing.</summary>
    public static string Fit(string text, double width, double size = 12)
    {
        var most = Math.Max(1, (int)(width / (size * 0.6)));
        return text.Length <= most ? text : text[..Math.Max(1, most - 1)].TrimEnd() + "…";
    }

    public void Line(double x1, double y1, double x2, double y2, string style) =>
        _body.Add($"<line class=\"{style}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>");

    public void Rect(double x, double y, double w, double h, string style, string? tip = null, double opacity = 1,
        double radius = 0)
    {
        _body.Add($"<rect class=\"{style}\" x=\"{x}\" y=\"{y}\" width=\"{Math.Max(0, w)}\" "
            + $"height=\"{Math.Max(0, h)}\"");
        if (radius > 0) _body.Add($" rx=\"{radius}\"");
        if (opacity < 1) _body.Add($" fill-opacity=\"{opacity}\"");
        Close("rect", tip);
    }

    public void Circle(double x, double y, double radius, string style, string? tip = null)
    {
        _body.Add($"<circle class=\"{style}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"");
        Close("circle", tip);
    }

    public void Text(double x, double y, string text, string style = "label", TextAnchor anchor = TextAnchor.Start)
    {
        var at = anchor switch { TextAnchor.Middle => "middle", TextAnchor.End => "end", _ => "start" };
        _body.Add($"<text class=\"{style}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{at}\">{text}</text>");
    }

    /// <summary>A text that rises to the right from its point.</summary>
    public void Slanted(double x, double y, string text) =>
        _body.Add($"<text class=\"label\" transform=\"translate({x} {y}) rotate(-45)\">{text}</text>");

    /// <summary>A line through the points; a point that is no number leaves a gap.</summary>
    public void Polyline(ReadOnlySpan<(double X, double Y)> points, string style)
    {
        var path = new HtmlBuilder();
        var drawing = false;
        foreach (var (x, y) in points)
        {
            var known = double.IsFinite(x) && double.IsFinite(y);
            if (known && drawing) path.Add($"L{x} {y}");
            else if (known) path.Add($"M{x} {y}");
            drawing = known;
        }
        _body.Add($"<path class=\"{style}\" d=\"{path.ToHtml()}\"/>");
    }

    /// <summary>A vertical or horizontal interval with caps at both ends.</summary>
    public void Interval(double from, double to, double at, double cap, string style, bool horizontal)
    {
        if (!double.IsFinite(from) || !double.IsFinite(to)) return;
        if (horizontal)
        {
            _body.Add($"<path class=\"{style}\" d=\"M{from} {at}H{to}M{from} {at - cap}v{2 * cap}M{to} "
                + $"{at - cap}v{2 * cap}\"/>");
        }
        else
        {
            _body.Add($"<path class=\"{style}\" d=\"M{at} {from}V{to}M{at - cap} {from}h{2 * cap}M{at - cap} "
                + $"{to}h{2 * cap}\"/>");
        }
    }

    /// <summary>Everything drawn until <see cref="EndGroup"/> belongs to this class.</summary>
    public void BeginGroup(string style) => _body.Add($"<g class=\"{style}\">");

    /// <summary>Ends the innermost group.</summary>
    public void EndGroup() => _body.Add($"</g>");

    /// <summary>The whole figure; its size class bounds how far the page lets it grow and shrink.</summary>
    /// <param name="stretch">True for a figure without text that fills the width it gets at a fixed height.</param>
    public Html ToHtml(bool stretch = false)
    {
        var size = stretch ? "stretch" : width <= 400 ? "small" : width <= 700 ? "medium" : "large";
        var aspect = stretch ? new Html(" preserveAspectRatio=\"none\"") : Html.Empty;
        return Html.Of($"""
            <svg class="figure {size}" viewBox="0 0 {width} {height}" width="{width}" height="{height}"{aspect}
            role="img" aria-label="{title}. {description}">{_body.ToHtml()}</svg>
            """);
    }

    private void Close(string element, string? tip)
    {
        if (tip is null) _body.Add($"/>");
        else _body.Add($"><title>{tip}</title></{new Html(element)}>");
    }
}
