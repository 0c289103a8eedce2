namespace Codat.Native.Robust;

/// <summary>The final evaluations as tables that can be copied.</summary>
internal static class EvaluationSection
{
    private const string Title = "Final evaluation";

    /// <summary>The section of one run.</summary>
    public static Html Render(ReportRun run)
    {
        var html = new HtmlBuilder();
        foreach (var evaluation in new[] { run.View.Test, run.View.Validation })
        {
            if (evaluation is null || evaluation.Attacks.Count == 0) continue;
            html.Add(Attacks(evaluation)).Add(Classes(evaluation)).Add(Checks(evaluation));
        }
        var body = html.ToHtml();
        return body.Markup.Length == 0
            ? PageParts.Missing(run, "evaluation", Title, "final.json is missing or holds no evaluation.")
            : PageParts.Section(run, "evaluation", Title, Html.Of($"All accuracies in percent, intervals 95 %. Every "
                + $"attack ran on its own on the images that are right when clean. The interval of a worst class is "
                + $"that class's own unless marked as simultaneous."), body);
    }

    private static Html Attacks(EvaluationView evaluation)
    {
        var rows = new List<IReadOnlyList<Html>>();
        foreach (var attack in evaluation.Attacks)
        {
            var (low, high) = ReportIntervals.Average(attack);
            var worst = attack.WorstClass;
            var simultaneous = double.IsFinite(attack.WorstLow);
            var interval = simultaneous ? ReportFormat.Interval(attack.WorstLow, attack.WorstHigh) + " (simultaneous)"
                : ReportFormat.Interval(worst?.Low ?? double.NaN, worst?.High ?? double.NaN);
            rows.Add([Html.Text(attack.Name), Number(ReportFormat.Points(attack.Average)),
                Number(ReportFormat.Interval(low, high)),
                Html.Of($"<b>{ReportFormat.Points(worst?.Accuracy ?? attack.Worst)}</b>"), Number(interval),
                Html.Text(worst?.Name ?? ReportFormat.None),
                Number(ReportFormat.Points(attack.Macro)), Number(ReportFormat.Points(attack.Deviation)),
                Number(ReportFormat.Points(attack.Spread)),
                Number(ReportFormat.Short(attack.Step)), Number(ReportFormat.Count(attack.Restarts))]);
        }
        return PageParts.Table(Name(evaluation) + ": by attack",
        [
            new("attack", false), new("average", true), new("interval", true), new("worst", true),
                new("interval", true), new("worst class", false),
            new("class mean", true), new("deviation", true), new("spread", true), new("step", true),
                new("restarts", true),
        ], rows);
    }

    private static Html Classes(EvaluationView evaluation)
    {
        var columns = new List<TableColumn> { new("class", false), new("n", true) };
        foreach (var attack in evaluation.Attacks)
        {
            columns.Add(new(attack.Name, true));
            columns.Add(new("interval", true));
        }
        if (evaluation.Strongest is { } strongest) columns.Add(new("risk, " + strongest.Name, true));
        var rows = new List<IReadOnlyList<Html>>();
        foreach (var item in evaluation.Attacks[0].PerClass.OrderBy(item => item.Class))
        {
            var row = new List<Html> { Html.Text(item.Name), Number(ReportFormat.Count(item.N)) };
            foreach (var attack in evaluation.Attacks)
            {
                var result = attack.Find(item.Class);
                var text = ReportFormat.Points(result?.Accuracy ?? double.NaN);
                row.Add(result is not null && result == attack.WorstClass ? Html.Of($"<b class=\"worst\">{text}</b>")
                    : Number(text));
                var interval = ReportFormat.Interval(result?.Low ?? double.NaN, result?.High ?? double.NaN);
                row.Add(Html.Of($"<span class=\"soft\">{interval}</span>"));
            }
            if (evaluation.Strongest is not null)
                row.Add(Number(ReportFormat.Fixed(evaluation.Strongest.Find(item.Class)?.Risk ?? double.NaN, 3)));
            rows.Add(row);
        }
        return rows.Count == 0 ? Html.Empty : PageParts.Table(Name(evaluation) + ": by class", columns, rows);
    }

    private static Html Checks(EvaluationView evaluation)
    {
        if (evaluation.Checks.Count == 0) return Html.Empty;
        var rows = new List<IReadOnlyList<Html>>();
        foreach (var check in evaluation.Checks)
        {
            var verdict = Html.Of($"<span class=\"check {Mark(check.Verdict)}\">{check.Verdict}</span>");
            rows.Add([Html.Text(check.Name), verdict, Html.Text(check.Detail)]);
        }
        return PageParts.Table(Name(evaluation) + ": checks of the attack itself",
            [new("check", false), new("verdict", false), new("detail", false)], rows);
    }

    private static string Mark(string verdict) => verdict switch { "pass" => "pass", "fail" => "fail", _ => "warn" };

    private static string Name(EvaluationView evaluation) => evaluation.Split switch
    {
        "test" => "Test split",
        "val" or "validation" => "Validation split",
        "train" => "Training split",
        var other => other,
    } + (double.IsFinite(evaluation.N) ? ", " + ReportFormat.Count(evaluation.N) + " images" : "");

    private static Html Number(string text) => Html.Text(text);
}
