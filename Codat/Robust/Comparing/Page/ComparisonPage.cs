namespace Codat.Native.Robust;

/// <summary>The page of a comparison: one file that needs nothing but itself.</summary>
internal static class ComparisonPage
{
    private static readonly (string Id, string Name)[] s_links =
    [
        ("methods", "Methods"), ("tests", "Tests"), ("plane", "Average and worst"), ("sweep", "Sweeps"),
        ("classes", "Classes"), ("evaluations", "Other images"), ("groups", "Two groups"), ("errors", "Errors"),
        ("weights", "Weights"), ("flow", "Flow"), ("settings", "Settings"),
    ];

    /// <summary>The whole page.</summary>
    /// <param name="comparison">What is shown.</param>
    /// <param name="folder">The folder of the comparison, where the runs lie.</param>
    public static string Render(Comparison comparison, string folder)
    {
        var methods = PageMethod.All(comparison, folder);
        var attack = comparison.Strongest;
        var body = new HtmlBuilder();
        body.Add(MethodsSection.Headline(comparison, methods, attack));
        if (attack is not null)
        {
            body.Add(MethodsSection.Table(comparison, methods, attack)).Add(TestsSection.Render(comparison, attack))
                .Add(PlaneSection.Render(methods, attack))
                .Add(SweepSection.Render(methods, attack, comparison.Baseline))
                .Add(MethodClassSection.Render(methods, attack)).Add(EvaluationsSection.Render(methods))
                .Add(GroupsSection.Render(methods, attack))
                .Add(ErrorsSection.Render(methods, attack)).Add(MethodWeightsSection.Render(methods))
                .Add(MethodFlowSection.Render(methods, attack));
        }
        body.Add(MethodsSection.Settings(methods));
        var page = body.ToHtml();
        var links = Array.FindAll(s_links, link =>
            page.Markup.Contains($"<section id=\"{link.Id}\"", StringComparison.Ordinal));
        return ReportPage.Frame($"Comparison {comparison.Name}", links, page);
    }

    /// <summary>The figures of the page for use elsewhere.</summary>
    public static IReadOnlyList<PageFigure> Figures(Comparison comparison, string folder)
    {
        var methods = PageMethod.All(comparison, folder);
        if (comparison.Strongest is not { } attack) return [];
        return [new PageFigure("average-worst", PlaneSection.Chart(methods, attack), []),
            .. SweepSection.Figures(methods, attack, comparison.Baseline),
            .. MethodClassSection.Figures(methods, attack), .. EvaluationsSection.Figures(methods),
            .. ErrorsSection.Figures(methods, attack), .. MethodWeightsSection.Figures(methods)];
    }
}
