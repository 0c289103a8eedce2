namespace Codat.Native.Robust;

/// <summary>The checkpoints under every attack they share, and which differences are more than chance.</summary>
internal static class CheckpointSection
{
    private const double Significant = 0.05;

    /// <summary>The section; nothing unless two or more are compared.</summary>
    public static Html Render(IReadOnlyList<ReportRun> runs, CheckpointComparison? comparison)
    {
        if (comparison is not { Checkpoints.Count: > 1 }) return Html.Empty;
        var left = comparison.LeftOut.Count == 0 ? Html.Empty
            : Html.Of($" Not compared, as not all have it in the same sense: "
                + $"{ReportFormat.Join(comparison.LeftOut)}.");
        return PageParts.Section(null, "checkpoints", "Attack by attack",
            Html.Of($"Accuracies in percent with 95 % intervals over images: Wilson's over all images, simultaneous "
                + $"over classes for the worst one, whichever it is. Deviation and spread are over class "
                + $"accuracies.{Measures(comparison)}{left}"),
            Html.Of($"{Attacks(runs, comparison)}{Tests(runs, comparison)}{ClassTests(runs, comparison)}"));
    }

    private static Html Measures(CheckpointComparison comparison) => comparison.Baseline is not { } baseline
        ? Html.Of($" With --baseline one of them would be tested against.")
        : Html.Of($" ρ = (W − W₀)/W₀ − (A₀ − A)/A₀ and elasticity ((W − W₀)/W₀) / ((A − A₀)/A₀) are against "
            + $"{baseline.Label}.");

    private static Html Attacks(IReadOnlyList<ReportRun> runs, CheckpointComparison comparison)
    {
        var rows = comparison.Rows.Select(row => (IReadOnlyList<Html>)
        [
            Html.Text(row.Attack.Name), Key(runs, row.Checkpoint), Html.Text(ReportFormat.Points(row.Accuracy.Average)),
            Soft(row.Average.Low, row.Average.High), Html.Text(ReportFormat.Points(row.Accuracy.Worst)),
            Soft(row.Accuracy.WorstBound.Low, row.Accuracy.WorstBound.High),
            Html.Text(row.Accuracy.WorstClass is { } worst ? row.Checkpoint.Classes[worst] : ReportFormat.None),
            Html.Text(ReportFormat.Points(row.Accuracy.Std)), Html.Text(ReportFormat.Points(row.Accuracy.Spread)),
            Html.Text(row.Checkpoint == comparison.Baseline ? "baseline"
                : ReportFormat.Fixed(row.Against?.Rho ?? double.NaN, 3)),
            Html.Text(ReportFormat.Fixed(row.Against?.Elasticity ?? double.NaN, 1)),
        ]).ToList();
        return PageParts.Table("Every attack",
        [
            new("attack", false), new("run", false), new("average", true), new("interval", true),
            new("worst class", true), new("interval", true), new("which", false), new("deviation", true),
            new("spread", true), new("ρ", true), new("elasticity", true),
        ], rows);
    }

    private static Html Tests(IReadOnlyList<ReportRun> runs, CheckpointComparison comparison)
    {
        if (comparison.Baseline is not { } baseline) return Html.Empty;
        var blind = comparison.Checkpoints.Where(c => c.Evidence is null).Select(c => c.Label).ToArray();
        var missing = blind.Length == 0 ? Html.Empty
            : Html.Of($"<p class=\"missing\">Without an evidence file, and so not tested: {ReportFormat.Join(blind)}. "
                + $"codat eval --evidence writes one.</p>");
        var rows = comparison.Tests.Where(t => t.Class is null).Select(test => Row(runs, comparison, test, test.Attack))
            .ToList();
        if (rows.Count == 0) return missing;
        var table = PageParts.Table($"All images, against {baseline.Label}", Columns("attack"), rows);
        return Html.Of($"""
            {missing}{table}<p class="lead">McNemar's exact test: of the images that one of the two has right and the
            other wrong, are as many on either side? p corrected by Holm over the runs tested under the same attack,
            bold below 0.05. The test speaks for these weights and images, not for a method: another seed gives other
            weights.</p>
            """);
    }

    private static Html ClassTests(IReadOnlyList<ReportRun> runs, CheckpointComparison comparison)
    {
        var attack = comparison.Strongest ?? comparison.Attacks.FirstOrDefault();
        var rows = comparison.Tests.Where(t => t.Class is not null && t.Attack == attack).OrderBy(t => t.Class)
            .Select(test => Row(runs, comparison, test, comparison.Checkpoints[0].Classes[test.Class ?? 0])).ToList();
        return rows.Count == 0 ? Html.Empty
            : PageParts.Table($"Class by class under {attack}, p corrected over runs and classes", Columns("class"),
                rows);
    }

    private static TableColumn[] Columns(string first) =>
    [
        new(first, false), new("run", false), new("images", true), new("only baseline right", true),
        new("only run right", true), new("difference", true), new("p", true), new("p corrected", true),
    ];

    private static IReadOnlyList<Html> Row(IReadOnlyList<ReportRun> runs, CheckpointComparison comparison,
        CheckpointTest test, string name)
    {
        var corrected = Html.Text(Chance(test.Corrected));
        return
        [
            Html.Text(name), Key(runs, comparison.Checkpoints.First(c => c.Label == test.Label)),
            Html.Text(ReportFormat.Count(test.Test.N)), Html.Text(ReportFormat.Count(test.Test.OnlyFirst)),
            Html.Text(ReportFormat.Count(test.Test.OnlySecond)), Html.Text(ReportFormat.Points(test.Test.Difference)),
            Html.Text(Chance(test.Test.P)),
            test.Corrected < Significant ? Html.Of($"<b>{corrected}</b>") : corrected,
        ];
    }

    // A small p is one of few things where the order of magnitude is the message.
    private static string Chance(double p) => p >= 1e-4 ? ReportFormat.Fixed(p, 4) : ReportFormat.Short(p);

    private static Html Key(IReadOnlyList<ReportRun> runs, EvaluatedCheckpoint checkpoint)
    {
        var run = runs.First(r => r.Label == checkpoint.Label);
        return Html.Of($"<span class=\"{run.Tone} key\"><i></i>{run.Letter}</span> {run.Label}");
    }

    private static Html Soft(double low, double high) =>
        Html.Of($"<span class=\"soft\">{ReportFormat.Interval(low, high)}</span>");
}
