namespace Codat.Native.Robust;

/// <summary>The head of the page, the tables of all methods, and their settings.</summary>
internal static class MethodsSection
{
    /// <summary>What was compared and what came out, in a sentence.</summary>
    public static Html Headline(Comparison comparison, IReadOnlyList<PageMethod> methods, string? attack)
    {
        var best = methods.Where(m => m.Method.Find(attack) is not null)
            .MaxBy(m => m.Method.Find(attack)?.Worst.Mean ?? double.NegativeInfinity);
        var summary = best?.Method.Find(attack) is not { } row
            ? Html.Of($"No run has finished yet.")
            : Html.Of($"<strong>{best.Label}</strong> keeps its worst class highest: "
                + $"{ReportFormat.Percent(row.Worst.Mean)} ({ReportFormat.Interval(row.Worst.Low, row.Worst.High)}) "
                + $"under {attack}, at an average of "
                + $"{ReportFormat.Percent(row.Average.Mean)}.");
        var missing = comparison.Methods.Sum(m => comparison.Seeds.Count - m.Runs.Count);
        var note = missing == 0 ? Html.Empty
            : Html.Of($"<li><strong>{missing} runs are not finished or failed</strong></li>");
        return Html.Of($"""
            <header class="hero">
            <p class="eyebrow">Robustness per class</p>
            <h1>{comparison.Name} <span>side by side</span></h1>
            <ul class="chips"><li>{comparison.Methods.Count} methods</li>
            <li>{comparison.Seeds.Count} seeds</li>{note}</ul>
            <p class="summary">{summary}</p>
            </header>
            """);
    }

    /// <summary>One row per method, then all attacks.</summary>
    public static Html Table(Comparison comparison, IReadOnlyList<PageMethod> methods, string attack)
    {
        var rows = methods.Select(m => (IReadOnlyList<Html>)Row(comparison, m, attack)).ToList();
        TableColumn[] columns =
        [
            new("method", false), new("seeds", true), new("clean", true), new("average", true),
            new("worst class", true), new("95 % interval", true), new("spread", true), new("ρ", true),
            new("elasticity", true), new("worst class, validation", true), new("images/s", true),
        ];
        var baselines = comparison.Tests.Select(t => t.Baseline).Distinct().ToArray();
        var against = baselines.Length == 1 ? baselines[0] : "the baseline a method has";
        var baseline = baselines.Length == 0 ? Html.Empty
            : Html.Of($" ρ = (W − W₀)/W₀ − (A₀ − A)/A₀ and elasticity are against {against}, from means over seeds.");
        return PageParts.Section(null, "methods", "The methods",
            Html.Of($"Under {attack}, in percent: mean over seeds ± one deviation. The worst class is that of each "
                + $"seed. Intervals are 95 % over seeds and images.{baseline}{Chosen(methods)}"),
            Html.Of($"{PageParts.Table("All methods", columns, rows)}{Attacks(comparison, methods)}"));
    }

    /// <summary>The settings in which the methods differ.</summary>
    public static Html Settings(IReadOnlyList<PageMethod> methods)
    {
        var names = methods.SelectMany(m => m.Method.Settings.Select(s => s.Key)).Distinct();
        var rows = new List<IReadOnlyList<Html>>();
        foreach (var name in names)
        {
            var values = methods.Select(m => m.Method.Settings[name]?.ToString() ?? ReportFormat.None).ToList();
            if (values.Distinct().Count() > 1) rows.Add([Html.Text(name), .. values.Select(Html.Text)]);
        }
        var columns = new List<TableColumn> { new("setting", false) };
        columns.AddRange(methods.Select(m => new TableColumn(m.Letter, false)));
        return PageParts.Section(null, "settings", "What differs",
            Html.Of($"Everything not listed is the same in all methods, and for one seed so are initial weights, order "
                + $"of images, augmentation and attack starts."),
            rows.Count == 0 ? Html.Of($"<p class=\"missing\">The settings do not differ.</p>")
                : PageParts.Table("Settings that differ", columns, rows));
    }

    private static List<Html> Row(Comparison comparison, PageMethod method, string attack)
    {
        var row = method.Method.Find(attack);
        var rate = SeedStatistic.Of([.. method.Method.Runs.Select(r => r.ImagesPerSecond)]).Mean;
        return
        [
            method.Key(), Html.Text($"{method.Method.Runs.Count}/{comparison.Seeds.Count}"),
            PageMethod.Cell(method.Method.Find("clean")?.Average), PageMethod.Cell(row?.Average),
            PageMethod.Cell(row?.Worst),
            Html.Of($"<span class=\"soft\">{ReportFormat.Interval(row?.Worst.Low ?? double.NaN, row?.Worst.High
                ?? double.NaN)}</span>"),
            PageMethod.Cell(row?.Spread),
            Html.Text(method.Label == comparison.Baseline ? "baseline"
                : ReportFormat.Fixed(row?.Against?.Rho ?? double.NaN, 3)),
            Html.Text(ReportFormat.Fixed(row?.Against?.Elasticity ?? double.NaN, 1)),
            PageMethod.Cell(double.IsFinite(method.Method.Validation.Mean) ? method.Method.Validation : null),
            Html.Text(ReportFormat.Count(rate)),
        ];
    }

    private static Html Chosen(IReadOnlyList<PageMethod> methods) =>
        methods.Select(m => m.Method.ValidationAttack).FirstOrDefault(name => name is not null) is { } attack
            ? Html.Of($" Validation is {attack} on the validation split: choose numbers by it, not by the test.")
            : Html.Empty;

    private static Html Attacks(Comparison comparison, IReadOnlyList<PageMethod> methods)
    {
        var columns = new List<TableColumn> { new("method", false) };
        columns.AddRange(comparison.Attacks.Select(a => new TableColumn(a, true)));
        var rows = methods.Select(m => (IReadOnlyList<Html>)
            [m.Key(), .. comparison.Attacks.Select(a => Both(m.Method.Find(a)))]).ToList();
        return PageParts.Table("Every attack: average, then worst class", columns, rows);
    }

    private static Html Both(ComparedAttack? row) => row is null ? Html.Text(ReportFormat.None)
        : Html.Of($"{ReportFormat.Points(row.Average.Mean)} <span class=\"soft\">/ "
            + $"{ReportFormat.Points(row.Worst.Mean)}</span>");
}
