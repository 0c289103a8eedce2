namespace Codat.Native.Robust;

/// <summary>What the attacks saw on their way: the loss they gained step by step, and the state of their
/// gradients.</summary>
internal static class TelemetrySection
{
    private const string Title = "What the attacks saw";

    /// <summary>The section of one run; nothing where nothing was noted.</summary>
    public static Html Render(ReportRun run)
    {
        var attacks = run.View.Final?.Attacks.Where(a => a.Telemetry.Count > 0).ToArray() ?? [];
        if (attacks.Length == 0) return Html.Empty;
        var figures = new HtmlBuilder();
        foreach (var attack in attacks)
            foreach (var part in attack.Telemetry)
                if (part.All.LossGain.Length > 0) figures.Add(Gain(run, attack, part));
        return PageParts.Section(run, "telemetry", Title,
            Html.Of($"Noted in the first restart of each attack, of the images that are right when clean. An attack "
                + $"that works gains loss with its steps; one that stands still has met gradients of zero."),
            Html.Of($"<div class=\"grid even\">{figures.ToHtml()}</div>{Table(attacks)}"));
    }

    private static Html Gain(ReportRun run, AttackView attack, TelemetryView part)
    {
        var series = new List<LineSeries> { new("all", "tone-robust", part.Steps, part.All.LossGain) };
        // The class that resists least and the one that resists most; the table of classes has the others.
        var known = attack.PerClass.Where(item => double.IsFinite(item.Accuracy)).ToArray();
        if (known.MinBy(item => item.Accuracy) is { } weakest && known.MaxBy(item => item.Accuracy) is { } strongest)
        {
            Add(weakest, "tone-worst");
            if (strongest != weakest) Add(strongest, "tone-clean");
        }
        var name = part.Part == attack.Name ? attack.Name : attack.Name + ", " + part.Part;
        var chart = new LineChart
        {
            Title = "Loss gained under " + name,
            Description = "Mean loss above that of the clean images, at each step: all images, weakest and strongest "
                + "class",
            XName = "step",
            Series = series,
        };
        return PageParts.Figure("Loss gained under " + name, chart.Render(),
            Html.Of($"Mean loss above that of the clean images: all of them, the class with the lowest accuracy under "
                + $"this attack and the one with the highest."));

        void Add(ClassResultView item, string tone)
        {
            var found = part.PerClass.FirstOrDefault(entry => entry.Class == item.Class).Curves;
            if (found is { LossGain.Length: > 0 })
                series.Add(new LineSeries(run.ClassName(item.Class), tone, part.Steps, found.LossGain));
        }
    }

    private static Html Table(IReadOnlyList<AttackView> attacks)
    {
        var rows = new List<IReadOnlyList<Html>>();
        foreach (var attack in attacks)
        {
            foreach (var part in attack.Telemetry)
            {
                var all = part.All;
                var change = attack.Change;
                rows.Add([Html.Text(part.Part == attack.Name ? attack.Name : attack.Name + ", " + part.Part),
                    Html.Text(ReportFormat.Short(Last(all.LossGain))),
                    Html.Text(ReportFormat.Count(MedianStep(part))),
                    Html.Text(ReportFormat.Percent(Last(all.AtBound))),
                    Html.Text(ReportFormat.Percent(Largest(all.ZeroGradients))),
                    Html.Text(ReportFormat.Percent(Largest(all.BadGradients))),
                    Html.Text(ReportFormat.Percent(Mean(all.SignFlips))),
                    Html.Text(ReportFormat.Short(change?.Most ?? double.NaN)),
                    Html.Text(ReportFormat.Short(change?.MostRounded ?? double.NaN)),
                    Html.Text(change is null ? ReportFormat.None
                        : ReportFormat.Count(change.BrokenRounded) + " of " + ReportFormat.Count(change.Broken))]);
            }
        }
        return PageParts.Table("Steps and gradients",
        [
            new("attack", false), new("loss gained at the end", true), new("median step of success", true),
            new("at the bound at the end", true), new("zero gradients, most", true), new("bad gradients, most", true),
            new("sign flips, mean", true), new("largest change", true), new("rounded to 8 bits", true),
            new("still broken when rounded", true),
        ], rows);
    }

    private static double MedianStep(TelemetryView part)
    {
        var half = part.All.FirstSuccess.Sum() / 2;
        double sum = 0;
        for (var i = 0; half > 0 && i < part.Steps.Length; i++)
            if ((sum += part.All.FirstSuccess[i]) >= half) return part.Steps[i];
        return double.NaN;
    }

    private static double Last(double[] curve) => curve.LastOrDefault(double.IsFinite, double.NaN);

    private static double Largest(double[] curve) => curve.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Max();

    private static double Mean(double[] curve) => curve.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();
}
