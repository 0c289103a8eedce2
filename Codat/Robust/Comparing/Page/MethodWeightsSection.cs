namespace Codat.Native.Robust;

/// <summary>How the methods weigh classes: against their risks, and over time.</summary>
internal static class MethodWeightsSection
{
    private static readonly TableColumn[] s_columns =
    [
        new("smallest", true), new("largest", true), new("effective classes", true),
        new("rank correlation with risk", true), new("towards one class", true),
    ];

    /// <summary>The section; nothing where no method weighs classes.</summary>
    public static Html Render(IReadOnlyList<PageMethod> methods)
    {
        var weighing = Weighing(methods);
        if (weighing.Length == 0) return Html.Empty;
        var (scatters, maps) = (new HtmlBuilder(), new HtmlBuilder());
        foreach (var method in weighing)
        {
            scatters.Add(PageParts.Figure(method.Name, Chart(method), Html.Of(
                $"Points: means over the steps of the chosen epoch and over seeds. "
                + $"Rings: the worst weights p* for the class risks of the whole validation split.")));
            var epochs = method.First?.View.Epochs.Where(e => e.Weight.Mean.Length > 0).ToList() ?? [];
            if (method.First is { } first && epochs.Count > 1)
                maps.Add($"<div><h3>{method.Name}, seed {first.View.Setting("seed")}</h3>")
                    .Add(WeightsSection.Map(first, epochs)).Add($"</div>");
        }
        return PageParts.Section(null, "weights", "How the methods weigh the classes",
            Html.Of($"Methods without class weights are left out of what training did: there every class counts the "
                + $"same. p* is the worst distribution in the method's set for the class risks at the end. Towards one "
                + $"class is the chi-square distance from the prior, 0 at the prior and 1 with all weight on one "
                + $"class. The spread of the variance of class risks is its deviation between steps over its mean."),
            Html.Of($"{Table(weighing)}{OptimalTable(methods)}<div class=\"grid even\">{scatters.ToHtml()}</div>"
                + $"<div class=\"grid even\">{maps.ToHtml()}</div>"));
    }

    /// <summary>The figures, by method.</summary>
    public static IEnumerable<PageFigure> Figures(IReadOnlyList<PageMethod> methods) => Weighing(methods)
        .Select(m => new PageFigure("weights-" + PlanLabels.FolderName(m.Label).ToLowerInvariant(), Chart(m), []));

    private static PageMethod[] Weighing(IReadOnlyList<PageMethod> methods) =>
        [.. methods.Where(m => m.Method.Weights is { } w && w.PerClass.Max() > w.PerClass.Min())];

    private static Html Table(PageMethod[] methods)
    {
        var rows = new List<IReadOnlyList<Html>>();
        foreach (var method in methods)
        {
            if (method.Method.Weights is not { } weights) continue;
            rows.Add([method.Key(), .. Cells(weights),
                Html.Text(ReportFormat.Fixed(method.Method.VarianceDeviation / method.Method.Variance, 2))]);
        }
        return PageParts.Table("Weights of the chosen epoch, mean over its steps; means over seeds",
            [new("method", false), .. s_columns, new("spread of the variance", true)], rows);
    }

    private static Html OptimalTable(IReadOnlyList<PageMethod> methods)
    {
        var rows = new List<IReadOnlyList<Html>>();
        foreach (var method in methods)
            if (method.Method.Optimal is { } weights) rows.Add([method.Key(), .. Cells(weights)]);
        return rows.Count == 0 ? Html.Empty : PageParts.Table(
            "Worst weights p* of the trained networks on the validation split; means over seeds",
            [new("method", false), .. s_columns], rows);
    }

    private static Html[] Cells(ComparedWeights weights) =>
    [
        Html.Text(ReportFormat.Fixed(weights.Least, 4)), Html.Text(ReportFormat.Fixed(weights.Largest, 4)),
        Html.Text(ReportFormat.Fixed(weights.Effective, 1)), Html.Text(ReportFormat.Fixed(weights.RankCorrelation, 2)),
        Html.Text(ReportFormat.Fixed(weights.PointMass, 4)),
    ];

    private static Html Chart(PageMethod method)
    {
        var (weights, runs) = (method.Method.Weights!, method.Method.Runs); // asked before
        var classes = weights.PerClass.Length;
        var optimal = runs.Where(r => r.Optimal.Length == classes && r.OptimalRisks.Length == classes).ToArray();
        var hollow = optimal.Length == 0 ? [] : Enumerable.Range(0, classes).Select(k => new ScatterPoint(
            Name(k) + " (p* on validation)", optimal.Average(r => r.OptimalRisks[k]),
            optimal.Average(r => r.Optimal[k]) * classes, "tone-ink")).ToArray();
        var worst = Array.IndexOf(weights.Risks, weights.Risks.Max());
        var chart = new ScatterChart
        {
            Title = $"Weight against risk, {method.Label}", Description = "One point for each class",
            Points = [.. Enumerable.Range(0, classes).Select(k => new ScatterPoint(Name(k), weights.Risks[k],
                weights.PerClass[k] * classes, k == worst ? "tone-worst" : "tone-robust"))],
            Hollow = hollow, XName = "class risk (cross-entropy under attack)", YName = "weight × number of classes",
            Reference = (1, "even share"), Width = 480, Height = 360,
        };
        return chart.Render();

        string Name(int k) => runs.SelectMany(r => r.Attacks).Select(a => a.Find(k)?.Name)
            .FirstOrDefault(n => n is not null) ?? ReportFormat.ClassName(k);
    }
}
