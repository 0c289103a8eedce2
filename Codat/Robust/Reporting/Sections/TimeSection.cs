namespace Codat.Native.Robust;

/// <summary>Where the time of a run went.</summary>
internal static class TimeSection
{
    private const string Title = "Where the time went";

    /// <summary>The section of one run.</summary>
    public static Html Render(ReportRun run)
    {
        var epochs = run.View.Epochs;
        StackPart[] parts =
        [
            Part("attack", "tone-robust", epoch => epoch.AttackSeconds),
            Part("update", "tone-run3", epoch => epoch.UpdateSeconds),
            Part("evaluation", "tone-clean", epoch => epoch.EvalSeconds),
            Part("data", "tone-ink", epoch => epoch.DataSeconds),
        ];
        var total = parts.Sum(part => double.IsFinite(part.Value) ? part.Value : 0);
        if (!(total > 0))
            return PageParts.Missing(run, "time", Title, "metrics.jsonl holds no seconds, so there is no time split.");
        var words = string.Join(", ", parts.Select(part => part.Name + " " + part.Text));
        var bar = StackedBar.Render(parts, "Time by phase", words);
        var html = new HtmlBuilder().Add($"{bar}<dl class=\"split\">");
        foreach (var part in parts)
        {
            if (!double.IsFinite(part.Value)) continue;
            html.Add($"<div class=\"{part.Tone}\"><dt><i></i>{part.Name}</dt>");
            html.Add($"<dd>{ReportFormat.Share(part.Value / total)} <small>{part.Text}</small></dd></div>");
        }
        html.Add($"</dl>");
        return PageParts.Section(run, "time", Title, Lead(epochs, total), html.ToHtml());

        StackPart Part(string name, string tone, Func<EpochView, double> seconds)
        {
            var known = epochs.Select(seconds).Where(double.IsFinite).ToList();
            var sum = known.Count > 0 ? known.Sum() : double.NaN;
            return new StackPart(name, sum, tone, ReportFormat.Duration(sum));
        }
    }

    private static Html Lead(IReadOnlyList<EpochView> epochs, double total)
    {
        var text = new HtmlBuilder().Add($"{ReportFormat.Duration(total)} for {ReportFormat.Count(epochs.Count)} "
            + $"{(epochs.Count == 1 ? "epoch" : "epochs")}.");
        var speed = epochs.Select(epoch => epoch.ImagesPerSecond).Where(double.IsFinite).ToList();
        if (speed.Count > 0) text.Add($" Training ran at {ReportFormat.Count(speed.Average())} images per second, "
            + $"every one of them attacked first.");
        var peak = epochs.Select(epoch => epoch.PeakBytes).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Max();
        if (double.IsFinite(peak)) text.Add($" Peak memory {ReportFormat.Bytes(peak)}.");
        return text.ToHtml();
    }
}
