using System.Security.Cryptography;
using System.Text;

namespace Codat.Native.Robust;

/// <summary>Puts the sections together into one page that needs nothing but itself.</summary>
internal static class ReportPage
{
    private static readonly (string Id, string Name)[] s_runLinks =
    [
        ("curves", "Curves"), ("classes", "Classes"), ("weights", "Weights"), ("flow", "Flow"), ("examples", "Images"),
        ("telemetry", "Attacks"), ("evaluation", "Evaluation"), ("time", "Time"), ("settings", "Settings"),
        ("manifest", "Manifest"),
    ];

    private static readonly (string Id, string Name)[] s_compareLinks =
        [("runs", "Runs"), ("checkpoints", "Attacks"), ("curves", "Curves"), ("classes", "Classes"),
            ("weights", "Weights"), ("flow", "Flow"), ("differences", "What differs"), ("each", "Each run")];

    /// <summary>The whole page.</summary>
    /// <param name="runs">What is shown.</param>
    /// <param name="baseline">The index of the run to compare with, or -1.</param>
    /// <param name="comparison">Their evaluations side by side, or null where there is none.</param>
    public static string Render(IReadOnlyList<ReportRun> runs, int baseline, CheckpointComparison? comparison)
    {
        if (runs.Count == 1)
        {
            var only = One(runs[0]);
            return Frame(runs[0].Method + " on " + runs[0].Dataset, Links(s_runLinks, only), only);
        }
        var attacks = CompareSection.Attacks(runs, comparison?.LeftOut ?? []);
        var isRun = !runs.All(run => run.View.IsEvaluation);
        var body = new HtmlBuilder();
        body.Add(CompareSection.Headline(runs, attacks)).Add(CompareSection.Table(runs, attacks, baseline))
            .Add(CheckpointSection.Render(runs, comparison));
        if (isRun) body.Add(CurvesSection.Compare(runs));
        body.Add(ClassSection.Compare(runs, attacks)).Add(WeightsSection.Compare(runs)).Add(FlowSection.Compare(runs));
        if (isRun) body.Add(CompareSection.Differences(runs));
        body.Add($"<section id=\"each\"><h2>Each run</h2><p class=\"lead\">The full report of every run; open the one "
            + $"you want to see.</p>\n");
        foreach (var run in runs)
        {
            body.Add($"<details class=\"run\"><summary><span class=\"{run.Tone} key\"><i></i>{run.Letter}</span> "
                + $"{run.Label} <small>{run.View.Name}</small></summary>\n");
            body.Add($"<p class=\"summary\">{Narrative.Summary(run)}</p>{HeadlineSection.Numbers(run)}")
                .Add(Sections(run)).Add($"</details>\n");
        }
        body.Add($"</section>\n");
        var page = body.ToHtml();
        var title = ReportFormat.Count(runs.Count) + (isRun ? " runs" : " evaluations") + " side by side";
        return Frame(title, Links(s_compareLinks, page), page);
    }

    private static (string Id, string Name)[] Links((string Id, string Name)[] links, Html page) =>
        Array.FindAll(links, link => page.Markup.Contains($"<section id=\"{link.Id}\"", StringComparison.Ordinal));

    private static Html One(ReportRun run) => Html.Of($"{HeadlineSection.Render(run)}{Sections(run)}");

    private static Html Sections(ReportRun run) => run.View.IsEvaluation
        ? Html.Join([ClassSection.Render(run), FlowSection.Render(run), TelemetrySection.Render(run),
            EvaluationSection.Render(run)])
        : Html.Join(
    [
        CurvesSection.Render(run), ClassSection.Render(run), WeightsSection.Render(run), FlowSection.Render(run),
        ExamplesSection.Render(run), TelemetrySection.Render(run), EvaluationSection.Render(run),
        TimeSection.Render(run), RecordSections.Settings(run), RecordSections.Manifest(run),
    ]);

    // The policy forbids every connection and every script or style but the two written here, whatever a name contains.
    internal static string Frame(string title, ReadOnlySpan<(string Id, string Name)> links, Html body)
    {
        var (style, script) = (Resource("report.css"), Resource("report.js"));
        var policy = $"default-src 'none'; img-src data:; style-src '{Hash(style)}'; script-src '{Hash(script)}'; "
            + "base-uri 'none'; form-action 'none'";
        var navigation = new HtmlBuilder();
        foreach (var (id, name) in links) navigation.Add($"<a href=\"#{id}\">{name}</a>");
        return Html.Of($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="{policy}">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="referrer" content="no-referrer">
            <title>{title}</title>
            <style>{new Html(style)}</style>
            </head>
            <body>
            <nav class="bar" aria-label="Sections"><div>{navigation.ToHtml()}
            <button type="button" id="theme" hidden aria-label="Switch between light and dark">Light / dark</button>
            </div></nav>
            <main>
            {body}
            </main>
            <footer><p>Written by Codat.Native. This page is one file: it loads nothing and sends nothing.</p></footer>
            <script>{new Html(script)}</script>
            </body>
            </html>

            """).Markup;
    }

    private static string Hash(string content) => "sha256-"
        + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)));

    internal static string Resource(string name)
    {
        using var stream = typeof(ReportPage).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException("The assembly lacks its resource " + name + ".");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        // Browsers hash what they parsed, and parsing turns every line end into a line feed.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
