namespace Codat.Native.Robust;

/// <summary>A column of a table: its heading and whether numbers stand in it.</summary>
internal readonly record struct TableColumn(string Heading, bool IsNumber);

/// <summary>The pieces all sections are made of.</summary>
internal static class PageParts
{
    private const double PhoneWidth = 330;
    private const int MostRows = 30;

    /// <summary>A section with a heading and a sentence that says what it shows.</summary>
    public static Html Section(ReportRun? run, string name, string title, Html lead, Html body)
    {
        var id = (run?.IdPrefix ?? "") + name;
        return Html.Of($"""
            <section id="{id}" aria-labelledby="{id}-title">
            <h2 id="{id}-title">{title}</h2>
            <p class="lead">{lead}</p>
            {body}
            </section>

            """);
    }

    /// <summary>A section whose data is not there, saying which.</summary>
    public static Html Missing(ReportRun run, string name, string title, string reason) => Section(run, name, title,
        Html.Empty, Html.Of($"<p class=\"missing\">{reason}</p>"));

    /// <summary>A figure with a title, a legend and a caption.</summary>
    public static Html Figure(string title, Html picture, Html caption, Html legend = default) => Html.Of($"""
        <figure>
        <h3>{title}</h3>
        {legend}<div class="scroll">{picture}</div>
        <figcaption>{caption}</figcaption>
        </figure>

        """);

    /// <summary>A picture drawn twice, for wide pages and for phones, of which the style sheet shows one.</summary>
    public static Html Responsive(double width, Func<double, Html> draw) =>
        Html.Of($"<div class=\"wide\">{draw(width)}</div><div class=\"narrow\">{draw(PhoneWidth)}</div>");

    /// <summary>A line of names with the colours they have in the figure.</summary>
    public static Html Legend(params ReadOnlySpan<(string Tone, string Name)> entries)
    {
        var html = new HtmlBuilder().Add($"<p class=\"legend\">");
        foreach (var (tone, name) in entries) html.Add($"<span class=\"{tone}\"><i></i>{name}</span> ");
        return html.Add($"</p>").ToHtml();
    }

    /// <summary>A table that can be copied as tab-separated text.</summary>
    public static Html Table(string caption, IReadOnlyList<TableColumn> columns,
        IReadOnlyList<IReadOnlyList<Html>> rows)
    {
        var html = new HtmlBuilder();
        html.Add($"<div class=\"table\"><div class=\"table-head\"><h3>{caption}</h3>");
        html.Add($"<button type=\"button\" class=\"copy\" hidden>Copy as TSV</button></div>\n");
        // Long tables scroll in their own frame, which the keyboard must be able to reach.
        var frame = rows.Count > MostRows ? new Html("scroll tall\" tabindex=\"0") : new Html("scroll");
        html.Add($"<div class=\"{frame}\"><table><caption>{caption}</caption><thead><tr>");
        foreach (var column in columns) html.Add($"<th scope=\"col\"{Align(column)}>{column.Heading}</th>");
        html.Add($"</tr></thead>\n<tbody>\n");
        foreach (var row in rows)
        {
            html.Add($"<tr>");
            for (var i = 0; i < row.Count; i++)
            {
                if (i == 0) html.Add($"<th scope=\"row\"{Align(columns[i])}>{row[i]}</th>");
                else html.Add($"<td{Align(columns[i])}>{row[i]}</td>");
            }
            html.Add($"</tr>\n");
        }
        return html.Add($"</tbody></table></div></div>\n").ToHtml();
    }

    /// <summary>Names and values, in columns where there is room.</summary>
    public static Html Pairs(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        var html = new HtmlBuilder().Add($"<dl class=\"pairs\">");
        foreach (var (name, value) in pairs)
            html.Add($"<div><dt>{name}</dt><dd>{(value.Length == 0 ? ReportFormat.None : value)}</dd></div>\n");
        return html.Add($"</dl>").ToHtml();
    }

    private static Html Align(TableColumn column) => column.IsNumber ? new Html(" class=\"number\"") : Html.Empty;
}
