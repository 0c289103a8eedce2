namespace Codat.Native.Robust;

/// <summary>Which differences to the baseline are more than chance.</summary>
internal static class TestsSection
{
    /// <summary>The section; nothing without a baseline.</summary>
    public static Html Render(Comparison comparison, string attack)
    {
        if (comparison.Tests.Count == 0) return Html.Empty;
        var baselines = comparison.Tests.Select(t => t.Baseline).Distinct().ToArray();
        var against = baselines.Length == 1 ? baselines[0] : "its baseline";
        var rows = new List<IReadOnlyList<Html>>();
        foreach (var test in comparison.Tests.OrderBy(t => t.Attack != attack))
        {
            var p = Html.Text(ReportFormat.Fixed(test.Corrected, 4));
            var interval = ReportFormat.Points(test.Low) + " to " + ReportFormat.Points(test.High);
            rows.Add(
            [
                Html.Text(test.Label), Html.Text(test.Baseline), Html.Text(test.Attack),
                Html.Text(ReportFormat.Count(test.Seeds)),
                Html.Text(ReportFormat.Points(test.Difference)),
                Html.Of($"<span class=\"soft\">{interval}</span>"),
                Html.Text(ReportFormat.Fixed(test.P, 4)), test.Corrected < 0.05 ? Html.Of($"<b>{p}</b>") : p,
            ]);
        }
        return PageParts.Section(null, "tests", "Against " + against,
            Html.Of($"Worst class of the method minus that of {against}, in points, paired by seed. "
                + $"Intervals and p from {SeedBootstrap.Replicates} bootstrap replicates over seeds and images; p "
                + $"corrected by Holm over the methods tested under the same attack, bold below 0.05. With one "
                + $"seed the test speaks for these weights only, not for the method."),
            PageParts.Table("Differences of the worst class",
                [new("method", false), new("against", false), new("attack", false), new("seeds", true),
                    new("difference", true), new("95 % interval", true), new("p", true),
                    new("p corrected", true)], rows));
    }
}
