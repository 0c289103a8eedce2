namespace Codat.Native.Robust;

/// <summary>Each class under each method.</summary>
internal static class MethodClassSection
{
    /// <summary>The section.</summary>
    public static Html Render(IReadOnlyList<PageMethod> methods, string attack)
    {
        var rows = Rows(methods, attack);
        if (rows.Count == 0) return Html.Empty;
        return PageParts.Section(null, "classes", "Class by class",
            Html.Of($"What each class gains or pays from one method to the next, under {attack}."),
            PageParts.Figure("Under attack", Chart(rows),
                Html.Of($"Means over seeds; the lines are one deviation over seeds to either "
                    + $"side.{ClassSelection.Note(rows.Count, "their lowest accuracy")}"),
                PageParts.Legend(methods.Select(m => (m.Tone, m.Name)).ToArray())));
    }

    /// <summary>The figure, if there are classes.</summary>
    public static IEnumerable<PageFigure> Figures(IReadOnlyList<PageMethod> methods, string attack)
    {
        var rows = Rows(methods, attack);
        if (rows.Count > 0)
            yield return new PageFigure("per-class", Chart(rows), [.. methods.Select(m => (m.Tone, m.Name))]);
    }

    private static Html Chart(List<DotRow> rows) => DotChart.Render(
        ClassSelection.Pick(rows, row => row.Dots.Min(dot => dot.Value)), 100, " %",
        "Accuracy of each class under attack", "One point for each method and class");

    private static List<DotRow> Rows(IReadOnlyList<PageMethod> methods, string attack)
    {
        var rows = new List<DotRow>();
        var classes = methods.SelectMany(m => m.Method.Find(attack)?.PerClass ?? []).DistinctBy(c => c.Class)
            .OrderBy(c => c.Class);
        foreach (var known in classes)
        {
            var dots = new List<Dot>();
            foreach (var method in methods)
            {
                var found = method.Method.Find(attack)?.PerClass.FirstOrDefault(c => c.Class == known.Class);
                if (found is null) continue;
                var (mean, std) = (found.Accuracy.Mean, found.Accuracy.Std);
                dots.Add(new Dot(method.Name, method.Tone, mean, Math.Max(0, mean - std), mean + std));
            }
            rows.Add(new DotRow(known.Name, dots));
        }
        return rows;
    }
}
