using System.Text;
using System.Text.RegularExpressions;

namespace Codat.Native.Robust;

/// <summary>
/// A figure of a page as a file of its own: its colours written out, on a light ground, its legend inside.
/// </summary>
internal static partial class StandaloneSvg
{
    private const double LegendHeight = 26;
    private const string Font = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";

    /// <summary>The file.</summary>
    /// <param name="svg">The figure as <see cref="SvgCanvas"/> made it.</param>
    /// <param name="legend">Colours and what they stand for, put on a line of their own; may be empty.</param>
    public static string Of(Html svg, IReadOnlyList<(string Tone, string Name)> legend)
    {
        var head = Head().Match(svg.Markup);
        if (!head.Success) throw new ArgumentException("Not a figure.", nameof(svg));
        var width = double.Parse(head.Groups["w"].Value, System.Globalization.CultureInfo.InvariantCulture);
        var height = double.Parse(head.Groups["h"].Value, System.Globalization.CultureInfo.InvariantCulture);
        var lines = Lines(legend, width);
        var top = lines.Count * LegendHeight;
        var content = svg.Markup[head.Length..svg.Markup.LastIndexOf("</svg>", StringComparison.Ordinal)];
        return Html.Of($"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height + top}" width="{width}"
            height="{height + top}" role="img" aria-label="{new Html(head.Groups["label"].Value)}"
            font-family="{Font}" font-size="12">
            <style>{new Html(Style(svg.Markup + string.Concat(legend.Select(l => "\"" + l.Tone + "\""))))}</style>
            <rect width="{width}" height="{height + top}" fill="#ffffff"/>
            {Html.Join(lines)}<g transform="translate(0 {top})">{new Html(content)}</g>
            </svg>

            """).Markup;
    }

    private static List<Html> Lines(IReadOnlyList<(string Tone, string Name)> legend, double width)
    {
        var lines = new List<HtmlBuilder>();
        var x = double.PositiveInfinity;
        foreach (var (tone, name) in legend)
        {
            var wide = SvgCanvas.TextWidth(name) + 34;
            if (x + wide > width)
            {
                lines.Add(new HtmlBuilder());
                x = 8;
            }
            var y = (lines.Count - 1) * LegendHeight + 18;
            lines[^1].Add($"<g class=\"{tone}\"><rect class=\"bar\" x=\"{x}\" y=\"{y - 9}\" width=\"9\" "
                + $"height=\"9\"/><text x=\"{x + 14}\" y=\"{y}\">{name}</text></g>\n");
            x += wide;
        }
        return lines.ConvertAll(l => l.ToHtml());
    }

    /// <summary>
    /// The rules the style sheet has for figures. Programs that are no browsers know no variables: every colour is
    /// written out, and rules in the colour of their group are repeated for each colour the figure uses.
    /// </summary>
    private static string Style(string markup)
    {
        var sheet = ReportPage.Resource("report.css");
        var colours = Variable().Matches(sheet[..sheet.IndexOf('}', StringComparison.Ordinal)])
            .ToDictionary(m => m.Groups["name"].Value, m => m.Groups["value"].Value);
        var tones = Tone().Matches(sheet).Where(m => Regex.IsMatch(markup, $"\"{m.Groups["tone"].Value}\""))
            .ToDictionary(m => m.Groups["tone"].Value, m => colours[m.Groups["name"].Value]);
        var style = new StringBuilder();
        foreach (Match rule in Rule().Matches(sheet))
        {
            var selectors = Array.ConvertAll(rule.Groups["selectors"].Value.Split(','),
                s => s.Replace("svg ", "", StringComparison.Ordinal).Trim());
            var body = Use().Replace(rule.Groups["body"].Value.Trim(), use =>
                colours.GetValueOrDefault(use.Groups["name"].Value, use.Value));
            if (!body.Contains("var(--tone)", StringComparison.Ordinal))
                style.Append('\n').Append(string.Join(", ", selectors)).Append(" { ").Append(body).Append(" }");
            else
                foreach (var (tone, colour) in tones)
                    style.Append('\n').Append(string.Join(", ", selectors.Select(s => $".{tone} {s}"))).Append(" { ")
                        .Append(body.Replace("var(--tone)", colour, StringComparison.Ordinal)).Append(" }");
        }
        return style.Append('\n').ToString();
    }

    [GeneratedRegex("""
        ^\s*<svg\ [^>]*?\ width="(?<w>[0-9.]+)"\ height="(?<h>[0-9.]+)"[^>]*?aria-label="(?<label>[^"]*)">
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Head();

    [GeneratedRegex("""--(?<name>[a-z0-9-]+): (?<value>#[0-9a-f]+);""")]
    private static partial Regex Variable();

    [GeneratedRegex("""\.(?<tone>tone-[a-z0-9]+) \{ --tone: var\(--(?<name>[a-z0-9-]+)\)""")]
    private static partial Regex Tone();

    [GeneratedRegex("""^(?<selectors>svg [^{]+)\{(?<body>[^}]*)\}""", RegexOptions.Multiline)]
    private static partial Regex Rule();

    [GeneratedRegex("""var\(--(?<name>[a-z0-9-]+)\)""")]
    private static partial Regex Use();
}
