namespace Codat.Native.Robust;

/// <summary>Every method on other images and under other attacks: what the plan's <c>evaluate</c> asked for.</summary>
internal static class EvaluationsSection
{
    /// <summary>The section; nothing where the plan asks for no further evaluation.</summary>
    public static Html Render(IReadOnlyList<PageMethod> methods)
    {
        var (worst, average) = (Rows(methods, a => a.Worst), Rows(methods, a => a.Average));
        if (worst.Count == 0) return Html.Empty;
        var legend = methods.Select(m => (m.Tone, m.Name)).ToArray();
        var note = Html.Of($"Means over seeds; the lines are one deviation over seeds to either side.");
        return PageParts.Section(null, "evaluations", "On other images",
            Html.Of($"The chosen networks under everything they were tested with; first the test split as it is."),
            Html.Of($"""
                {PageParts.Figure("Worst class", Worst(worst), note, PageParts.Legend(legend))}
                {PageParts.Figure("Average", Average(average), note, PageParts.Legend(legend))}
                """));
    }

    /// <summary>The figures, if there are any.</summary>
    public static IEnumerable<PageFigure> Figures(IReadOnlyList<PageMethod> methods)
    {
        if (Rows(methods, a => a.Worst) is not { Count: > 0 } worst) yield break;
        (string, string)[] legend = [.. methods.Select(m => (m.Tone, m.Name))];
        yield return new PageFigure("evaluations-worst", Worst(worst), legend);
        yield return new PageFigure("evaluations-average", Average(Rows(methods, a => a.Average)), legend);
    }

    private static Html Worst(List<DotRow> rows) => DotChart.Render(rows, 100, " %",
        "Worst class under each evaluation", "One point for each method and evaluation");

    private static Html Average(List<DotRow> rows) => DotChart.Render(rows, 100, " %",
        "Average accuracy under each evaluation", "One point for each method and evaluation");

    private static List<DotRow> Rows(IReadOnlyList<PageMethod> methods, Func<ComparedAttack, SeedStatistic> read)
    {
        var attacks = methods.SelectMany(m => m.Method.Attacks).DistinctBy(a => a.Name).ToList();
        if (attacks.TrueForAll(a => a.Evaluation is null)) return [];
        var names = attacks.Select(a => a.Name);
        return [.. names.Select(name => new DotRow(name,
            [.. methods.Where(m => m.Method.Find(name) is not null).Select(m => Dot(m, read(m.Method.Find(name)!)))]))];
    }

    private static Dot Dot(PageMethod method, SeedStatistic value) => new(method.Name, method.Tone, value.Mean,
        Math.Max(0, value.Mean - value.Std), value.Mean + value.Std);
}
