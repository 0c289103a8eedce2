namespace Codat.Native.Robust;

/// <summary>Several runs in one table, and the settings in which they differ.</summary>
internal static class CompareSection
{
    // Behind the clean accuracy.
    private const int RhoColumn = 7;

    /// <summary>The top of a page about several runs.</summary>
    public static Html Headline(IReadOnlyList<ReportRun> runs, IReadOnlyList<AttackView?> attacks)
    {
        var common = new List<string>();
        AddCommon(runs.Select(run => run.Dataset));
        AddCommon(runs.Select(run => run.View.Setting("model")));
        AddCommon(runs.Select(run => run.Threat));
        var (best, accuracy) = (-1, double.NegativeInfinity);
        for (var i = 0; i < runs.Count; i++)
            if (attacks[i]?.WorstClass is { } worst && worst.Accuracy > accuracy)
                (best, accuracy) = (i, worst.Accuracy);
        var summary = best < 0
            ? Html.Of($"No run has a final evaluation under attack yet.")
            : Html.Of($"<strong>{runs[best].Label}</strong> keeps its worst class highest: "
                + $"{ReportFormat.Percent(accuracy)} for {attacks[best]?.WorstClass?.Name} under "
                + $"{attacks[best]?.Name}.");
        var chips = new HtmlBuilder();
        foreach (var item in common) chips.Add($"<li>{item}</li>");
        return Html.Of($"""
            <header class="hero">
            <p class="eyebrow">Robustness per class</p>
            <h1>{ReportFormat.Count(runs.Count)} runs <span>side by side</span></h1>
            <ul class="chips">{chips.ToHtml()}</ul>
            <p class="summary">{summary}</p>
            </header>
            """);

        void AddCommon(IEnumerable<string?> values)
        {
            var distinct = values.Distinct().ToList();
            if (distinct is [{ } value]) common.Add(value);
        }
    }

    /// <summary>The attack to compare under: the strongest one all runs have, else each run's own strongest.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="not">Attacks whose name does not mean the same in all runs.</param>
    public static List<AttackView?> Attacks(IReadOnlyList<ReportRun> runs, IReadOnlyList<string> not)
    {
        var evaluated = runs.Where(run => run.View.Final?.Strongest is not null).ToList();
        var shared = evaluated.FirstOrDefault()?.View.Final?.Attacks
            .Where(attack => !attack.IsClean && !not.Contains(attack.Name)
                && evaluated.All(run => Find(run, attack.Name) is not null))
            .OrderBy(attack => attack.Average).FirstOrDefault();
        return [.. runs.Select(run => shared is null ? run.View.Final?.Strongest : Find(run, shared.Name))];
    }

    /// <summary>The table of all runs.</summary>
    public static Html Table(IReadOnlyList<ReportRun> runs, IReadOnlyList<AttackView?> attacks, int baseline)
    {
        var bestWorst = Best(attacks.Select(attack => attack?.WorstClass?.Accuracy));
        var bestAverage = Best(attacks.Select(attack => attack?.Average));
        var bestClean = Best(runs.Select(run => run.View.Final?.Clean?.Average));
        var rows = new List<IReadOnlyList<Html>>();
        for (var i = 0; i < runs.Count; i++)
        {
            var (run, attack) = (runs[i], attacks[i]);
            var worst = attack?.WorstClass;
            var (low, high) = attack is null ? (double.NaN, double.NaN) : ReportIntervals.Average(attack);
            var seconds = run.View.Epochs.Sum(epoch => epoch.TotalSeconds);
            var row = new List<Html>
            {
                Html.Of($"<span class=\"{run.Tone} key\"><i></i>{run.Letter}</span> {run.Label}"),
                Value(worst?.Accuracy, bestWorst),
                Soft(ReportFormat.Interval(worst?.Low ?? double.NaN, worst?.High ?? double.NaN)),
                Html.Text(worst?.Name ?? ReportFormat.None),
                Value(attack?.Average, bestAverage),
                Soft(ReportFormat.Interval(low, high)),
                Value(run.View.Final?.Clean?.Average, bestClean),
                Html.Text(ReportFormat.Points(Spread(attack))), Html.Text(attack?.Name ?? ReportFormat.None),
                Html.Text(run.View.BestEpoch is { } epoch ? ReportFormat.Count(epoch) : ReportFormat.None),
                Html.Text(seconds > 0 ? ReportFormat.Duration(seconds) : ReportFormat.None),
            };
            if (baseline >= 0)
            {
                var rho = i == baseline ? "baseline" : ReportFormat.Fixed(Rho(attack, attacks[baseline]), 3);
                row.Insert(RhoColumn, Html.Text(rho));
            }
            rows.Add(row);
        }
        var columns = new List<TableColumn>
        {
            new("run", false), new("worst class", true), new("interval", true), new("which", false),
                new("average", true),
            new("interval", true), new("clean", true), new("spread", true), new("attack", false),
                new("best epoch", true),
            new("time", true),
        };
        if (baseline >= 0) columns.Insert(RhoColumn, new("ρ", true));
        var note = baseline < 0 ? Html.Empty : Html.Of($" ρ adds the relative gain of the worst class and the relative "
            + $"change of the average against the baseline.");
        return PageParts.Section(null, "runs", "The runs",
            Html.Of($"Accuracies under the same attack where all runs share one, in percent; the best value of a "
                + $"column is bold. Intervals are 95 % over images, not over seeds.{note}"),
            PageParts.Table("All runs", columns, rows));
    }

    /// <summary>The settings that are not the same in all runs.</summary>
    public static Html Differences(IReadOnlyList<ReportRun> runs)
    {
        var names = runs.SelectMany(run => run.View.Settings.Select(pair => pair.Key))
            .Distinct(StringComparer.OrdinalIgnoreCase);
        var rows = new List<IReadOnlyList<Html>>();
        foreach (var name in names)
        {
            var values = runs.Select(run => run.View.Setting(name) ?? ReportFormat.None).ToList();
            if (values.Distinct().Count() > 1) rows.Add([Html.Text(name), .. values.Select(Html.Text)]);
        }
        var columns = new List<TableColumn> { new("setting", false) };
        columns.AddRange(runs.Select(run => new TableColumn(run.Letter, false)));
        var body = rows.Count == 0
            ? Html.Of($"<p class=\"missing\">The settings found in the run folders do not differ.</p>")
            : PageParts.Table("Settings that differ", columns, rows);
        return PageParts.Section(null, "differences", "What differs",
            Html.Of($"Everything not listed here is the same in all runs that state it."), body);
    }

    private static AttackView? Find(ReportRun run, string name) =>
        run.View.Final?.Attacks.FirstOrDefault(attack => attack.Name == name);

    private static double Spread(AttackView? attack)
    {
        if (attack is null) return double.NaN;
        if (double.IsFinite(attack.Spread)) return attack.Spread;
        var (least, most) = LineChart.Range(attack.PerClass.Select(item => item.Accuracy));
        return most - least;
    }

    private static double Rho(AttackView? attack, AttackView? baseline) =>
        attack?.WorstClass is { } worst && baseline?.WorstClass is { } worst0
            ? AgainstBaseline.Of(worst.Accuracy, attack.Average, worst0.Accuracy, baseline.Average).Rho
            : double.NaN;

    private static double Best(IEnumerable<double?> values) =>
        values.Where(value => value is { } known && double.IsFinite(known)).DefaultIfEmpty(double.NaN)
            .Max() ?? double.NaN;

    private static Html Value(double? value, double best)
    {
        var text = ReportFormat.Points(value ?? double.NaN);
        return value == best ? Html.Of($"<b>{text}</b>") : Html.Text(text);
    }

    private static Html Soft(string text) => Html.Of($"<span class=\"soft\">{text}</span>");
}
