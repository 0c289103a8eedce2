using System.Globalization;

namespace Codat.Native.Robust;

/// <summary>The radius in terms a person can picture, and the audit of the published closed form.</summary>
internal static class AuditFigures
{
    /// <summary>Three small figures over the epochs.</summary>
    public static Html Render(ReportRun run, IReadOnlyList<EpochView> epochs)
    {
        var negative = epochs.Select(epoch => epoch.NegativeShare).Where(double.IsFinite).DefaultIfEmpty(double.NaN);
        return Html.Of($"""
            <div class="grid three">
            {Radius(run, epochs)}
            {Negative(epochs, run.View.Setting("weights") is "published", ReportFormat.Share(negative.Average()))}
            {Gap(epochs)}
            </div>
            """);
    }

    private static Html Radius(ReportRun run, IReadOnlyList<EpochView> epochs)
    {
        var classes = epochs[^1].Weight.Mean.Length;
        var known = double.TryParse(run.View.Setting("eta"), NumberStyles.Float, CultureInfo.InvariantCulture,
            out var eta);
        var caption = new HtmlBuilder();
        caption.Add($"The distance from the prior the weights may go to; ");
        if (run.View.Setting("eta") is { } rule && EtaRuleSheet.IsMeant(rule))
            caption.Add($"{rule} chooses it for each epoch.");
        else caption.Add($"only the debiased variance lowers it.");
        if (known && run.IsChiSquare && run.View.Setting("prior") is null or "uniform")
        {
            // What the ball lets one class take from all others: chi-square of (1 + s, rest even) is s² / (K - 1).
            var most = Math.Min(classes, 1 + Math.Sqrt(eta * (classes - 1)));
            caption.Add($" At η = {run.View.Setting("eta")} a class can count at most {ReportFormat.Times(most)} its "
                + $"even share.");
        }
        var effective = 1 / epochs[^1].Weight.Mean.Sum(weight => weight * weight);
        caption.Add($" The mean weights of the last epoch are worth {ReportFormat.Fixed(effective, 1)} of {classes} "
            + $"classes.");
        return Small(epochs, "Radius in force", "tone-ink", epoch => epoch.EtaEffective, caption.ToHtml(),
            reference: known ? (eta, "η as set") : null);
    }

    private static Html Negative(IReadOnlyList<EpochView> epochs, bool published, string share)
    {
        var caption = published
            ? Html.Of($"{share} of all steps trained with at least one negative weight, that is, raised the loss of a "
                + $"class.")
            : Html.Of($"In {share} of all steps the published closed form would have given a class a negative weight. "
                + $"The exact weights used here never do.");
        return Small(epochs, "Steps with a negative published weight", "tone-worst", epoch => epoch.NegativeShare,
            caption, isPercent: true);
    }

    private static Html Gap(IReadOnlyList<EpochView> epochs) => Small(epochs, "Objective gap", "tone-robust",
        epoch => epoch.ObjectiveGap, Html.Of($"How far the published objective, mean plus √(η·variance), lies above "
            + $"the true worst case over class mixtures. Zero where no weight would be negative."));

    private static Html Small(IReadOnlyList<EpochView> epochs, string title, string tone, Func<EpochView, double> value,
        Html caption, bool isPercent = false, (double, string)? reference = null)
    {
        var y = epochs.Select(value).ToArray();
        if (!Array.Exists(y, double.IsFinite))
            return Html.Of($"<figure><h3>{title}</h3><p class=\"missing\">Not recorded in metrics.jsonl.</p></figure>");
        var chart = new LineChart
        {
            Title = title,
            Description = "Over the epochs",
            Series = [new("", tone, [.. epochs.Select(epoch => (double)epoch.Epoch)], y)],
            IsPercent = isPercent,
            Reference = reference,
            Width = 316,
            Height = 200,
        };
        return PageParts.Figure(title, chart.Render(), caption);
    }
}
