namespace Codat.Native.Robust;

/// <summary>Loss and accuracies over the epochs.</summary>
internal static class CurvesSection
{
    private const string Title = "Over the epochs";

    /// <summary>The section of one run.</summary>
    public static Html Render(ReportRun run)
    {
        var epochs = run.View.Epochs;
        if (epochs.Count == 0)
            return PageParts.Missing(run, "curves", Title, "metrics.jsonl is missing or holds no epoch yet, so there "
                + "are no curves.");
        var x = epochs.Select(epoch => (double)epoch.Epoch).ToArray();
        var accuracy = new LineChart
        {
            Title = "Accuracy over the epochs",
            Description = "Clean accuracy, average and worst class accuracy under attack",
            IsPercent = true,
            Marked = run.View.BestEpoch,
            Height = 320,
            Series =
            [
                new("clean", "tone-clean", x, Pick(epochs, epoch => epoch.Clean.Average)),
                new("average", "tone-robust", x, Pick(epochs, epoch => epoch.Robust.Average)),
                new("worst", "tone-worst", x, Pick(epochs, epoch => epoch.Robust.Worst)),
            ],
        };
        var loss = new LineChart
        {
            Title = "Training loss over the epochs",
            Description = "The weighted objective on attacked images",
            Marked = run.View.BestEpoch,
            Width = 385,
            Height = 344,
            FromZero = false,
            Series = [new("loss", "tone-ink", x, Pick(epochs, epoch => epoch.Loss))],
        };
        var legend = PageParts.Legend(("tone-clean", "clean, average"), ("tone-robust", "attacked, average"),
            ("tone-worst", "attacked, worst class"));
        var left = PageParts.Figure("Accuracy on the validation split",
            PageParts.Responsive(620, width => (accuracy with { Width = width }).Render()),
            Html.Of($"Without attack, and under the validation attack: all images on average, and the class that "
                + $"fares worst."),
            legend);
        var right = PageParts.Figure("Training loss", loss.Render(),
            Html.Of($"The loss the optimiser sees: attacked images, classes weighted."));
        return PageParts.Section(run, "curves", Title, Lead(run),
            Html.Of($"<div class=\"grid wide-left\">{left}{right}</div>"));
    }

    /// <summary>The same curves of several runs on top of each other.</summary>
    public static Html Compare(IReadOnlyList<ReportRun> runs)
    {
        var html = new HtmlBuilder().Add($"<div class=\"grid even\">");
        html.Add(Overlay(runs, "Worst class, attacked", true, epoch => epoch.Robust.Worst));
        html.Add(Overlay(runs, "All classes, attacked", true, epoch => epoch.Robust.Average));
        html.Add(Overlay(runs, "All classes, clean", true, epoch => epoch.Clean.Average));
        html.Add(Overlay(runs, "Training loss", false, epoch => epoch.Loss));
        html.Add($"</div>");
        return PageParts.Section(null, "curves", Title,
            Html.Of($"Validation accuracy and training loss of all runs; the letters are those of the table."),
                html.ToHtml());
    }

    private static Html Overlay(IReadOnlyList<ReportRun> runs, string title, bool percent, Func<EpochView,
        double> value)
    {
        var series = new List<LineSeries>();
        foreach (var run in runs)
        {
            var epochs = run.View.Epochs;
            if (epochs.Count > 0)
                series.Add(new LineSeries(run.Letter, run.Tone, [.. epochs.Select(epoch => (double)epoch.Epoch)],
                    Pick(epochs, value)));
        }
        if (series.Count == 0) return Html.Of($"<p class=\"missing\">{title}: no run has a metrics.jsonl with "
            + $"epochs.</p>");
        var chart = new LineChart { Title = title, Description = "One line for each run", IsPercent = percent,
            FromZero = false, Series = series };
        return PageParts.Figure(title, chart.Render(), Html.Empty);
    }

    private static Html Lead(ReportRun run)
    {
        if (run.View.ShownEpoch is not { } shown || run.View.BestEpoch is null)
            return Html.Of($"Every epoch is measured on images the training never sees.");
        return Html.Of($"Epoch {shown.Epoch} was kept as best: {ReportFormat.Percent(shown.Robust.Worst)} for the "
            + $"worst class and {ReportFormat.Percent(shown.Robust.Average)} on average under the validation attack, "
            + $"{ReportFormat.Percent(shown.Clean.Average)} clean.");
    }

    private static double[] Pick(IReadOnlyList<EpochView> epochs, Func<EpochView, double> value) =>
        [.. epochs.Select(value)];
}
