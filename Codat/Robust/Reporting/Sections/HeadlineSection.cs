namespace Codat.Native.Robust;

/// <summary>What was trained, against what, and the numbers that count.</summary>
internal static class HeadlineSection
{
    /// <summary>The top of a page about one run.</summary>
    public static Html Render(ReportRun run) => Html.Of($"""
        <header class="hero">
        <p class="eyebrow">Robustness per class</p>
        <h1>{run.Method} <span>on {run.Dataset}</span></h1>
        {Chips(run)}
        <p class="summary">{Narrative.Summary(run)}</p>
        </header>
        {Numbers(run)}
        """);

    /// <summary>The three numbers of a run, and all its classes on one line.</summary>
    public static Html Numbers(ReportRun run) => Html.Of($"<div class=\"tiles\">{Tiles(run)}</div>\n{Strip(run)}");

    private static Html Chips(ReportRun run)
    {
        var view = run.View;
        var html = new HtmlBuilder().Add($"<ul class=\"chips\">");
        Chip("network", view.Setting("model"));
        Chip("threat model", run.Threat);
        Chip("training attack", view.Setting("steps") is { } steps ? "PGD-" + steps : null);
        if (run.WeighsClasses)
        {
            Chip("radius", view.Setting("eta") is { } eta ? "η = " + eta : null);
            Chip("weights", view.Setting("weights"));
            Chip("prior", view.Setting("prior") is { } prior && prior.Contains(',') ? "own" : view.Setting("prior"));
        }
        Chip("epochs", view.Epochs.Count > 0 ? ReportFormat.Count(view.Epochs.Count) : view.Setting("epochs"));
        Chip("seed", view.Setting("seed"));
        Chip("ended", view.Stopped is "done" ? null : view.Stopped);
        return html.Add($"</ul>").ToHtml();

        void Chip(string name, string? value)
        {
            if (value is not null) html.Add($"<li><span>{name}</span> {value}</li>");
        }
    }

    private static Html Tiles(ReportRun run)
    {
        if (run.View.Final is { } final && (final.Strongest ?? final.Clean) is not null)
        {
            var html = new HtmlBuilder();
            if (final.Strongest is { } attack)
            {
                var worst = attack.WorstClass;
                var (worstLow, worstHigh) = double.IsFinite(attack.WorstLow) ? (attack.WorstLow, attack.WorstHigh)
                    : (worst?.Low ?? double.NaN, worst?.High ?? double.NaN);
                var (low, high) = ReportIntervals.Average(attack);
                html.Add(Tile("tone-worst", "Worst class, attacked", worst?.Accuracy ?? attack.Worst,
                    worstLow, worstHigh,
                    worst is null ? attack.Name : worst.Name + " under " + attack.Name));
                html.Add(Tile("tone-robust", "All classes, attacked", attack.Average, low, high,
                    ReportFormat.Count(final.N) + " " + final.Split + " images under " + attack.Name));
            }
            if (final.Clean is { } clean)
            {
                var (low, high) = ReportIntervals.Average(clean);
                html.Add(Tile("tone-clean", "All classes, clean", clean.Average, low, high,
                    clean.WorstClass is { } worst
                        ? "lowest: " + worst.Name + ", " + ReportFormat.Percent(worst.Accuracy)
                        : "no attack"));
            }
            return html.ToHtml();
        }
        if (run.View.ShownEpoch is not { } epoch)
            return Html.Of($"<p class=\"missing\">Neither final.json nor metrics.jsonl holds an accuracy.</p>");
        var source = "validation, epoch " + ReportFormat.Count(epoch.Epoch);
        return Html.Join(
        [
            Tile("tone-worst", "Worst class, attacked", epoch.Robust.Worst, double.NaN, double.NaN, source),
            Tile("tone-robust", "All classes, attacked", epoch.Robust.Average, double.NaN, double.NaN, source),
            Tile("tone-clean", "All classes, clean", epoch.Clean.Average, double.NaN, double.NaN, source),
        ]);
    }

    private static Html Tile(string tone, string name, double value, double low, double high, string note)
    {
        var interval = double.IsFinite(low)
            ? Html.Of($"<p class=\"interval\">95&nbsp;% interval {ReportFormat.Interval(low, high)}&#8239;%</p>")
            : Html.Empty;
        var sign = double.IsFinite(value) ? Html.Of($"<span>%</span>") : Html.Empty;
        return Html.Of($"""
            <div class="tile {tone}">
            <p class="tile-name">{name}</p>
            <p class="big">{ReportFormat.Points(value)}{sign}</p>
            {interval}
            <p class="note">{note}</p>
            </div>

            """);
    }

    private static Html Strip(ReportRun run)
    {
        if (run.View.Final is not { } final || final.Strongest is not { PerClass.Count: > 0 } attack) return Html.Empty;
        var worst = attack.WorstClass;
        var classes = attack.PerClass.Select(item => new StripClass(item.Name, item.Accuracy, item == worst)).ToList();
        var picture = PageParts.Responsive(1060, width => ClassStrip.Render(classes, attack.Average,
            final.Clean?.Average ?? double.NaN, width, "Accuracy under " + attack.Name + " of every class",
            worst is null ? "" : "Lowest " + worst.Name + " with " + ReportFormat.Percent(worst.Accuracy)));
        return Html.Of($"""
            <figure class="strip"><div class="scroll">{picture}</div>
            <figcaption>Each bead is one class under {attack.Name}. An average can look good while one class is left
            behind: the distance between the two is what this page is about.</figcaption></figure>

            """);
    }
}
