namespace Codat.Native.Robust;

/// <summary>What goes along with the robust errors of classes.</summary>
internal static class ErrorsSection
{
    /// <summary>The section; nothing where no method has clean and robust errors.</summary>
    public static Html Render(IReadOnlyList<PageMethod> methods, string attack)
    {
        var rows = new List<IReadOnlyList<Html>>();
        foreach (var method in methods)
        {
            if (method.Method.Find(attack)?.Errors is not { } errors) continue;
            rows.Add([method.Key(), Cell(errors.Clean), Cell(errors.Boundary), Cell(errors.Similarity),
                Cell(errors.Confusion), Pair(errors)]);
        }
        if (rows.Count == 0) return Html.Empty;
        var figures = new HtmlBuilder();
        foreach (var (title, chart) in Charts(methods, attack))
            figures.Add(PageParts.Figure(title, chart, Html.Empty, Legend(methods, attack)));
        return PageParts.Section(null, "errors", "What goes along with robust error",
            Html.Of($"Rank correlations over classes with the robust error under {attack}: mean and range over seeds. "
                + $"The robust error is the sum of clean and boundary error (clean minus robust accuracy), so at "
                + $"least one of the two goes along with it. Similarity counts images of a class and its nearest "
                + $"class taken for each other; confusion is the part of the lost images that goes to one class. "
                + $"None of this says what causes what."),
            Html.Of($"""
                {PageParts.Table("Rank correlation with robust error", [new("method", false), new("clean error", true),
                    new("boundary error", true), new("similarity", true), new("confusion", true),
                    new("closest classes", false)], rows)}<div class="grid even">{figures.ToHtml()}</div>
                """));
    }

    /// <summary>The figures.</summary>
    public static IEnumerable<PageFigure> Figures(IReadOnlyList<PageMethod> methods, string attack) =>
        Charts(methods, attack).Select(c => new PageFigure(
            "robust-error-over-" + c.Title.Split(' ')[0].ToLowerInvariant(), c.Chart,
            [.. Shown(methods, attack).Select(m => (m.Tone, m.Name))]));

    private static IEnumerable<(string Title, Html Chart)> Charts(IReadOnlyList<PageMethod> methods, string attack)
    {
        var shown = Shown(methods, attack);
        if (shown.Count == 0) yield break;
        yield return ("Boundary error", Chart(shown, attack, "boundary error, percent", c => c.Boundary));
        if (shown.Exists(m => m.Method.Find(attack)?.Errors?.Similarity is not null))
            yield return ("Similarity", Chart(shown, attack, "similarity to the nearest class, percent",
                c => c.Similarity));
    }

    /// <summary>The first method and of the others that with the best worst class: more cover each other.</summary>
    private static List<PageMethod> Shown(IReadOnlyList<PageMethod> methods, string attack)
    {
        var known = methods.Where(m => m.Method.Find(attack)?.Errors is not null).ToArray();
        if (known.Length < 2) return [.. known];
        var best = known.Skip(1).MaxBy(m => m.Method.Find(attack)?.Worst.Mean)!; // there is one
        // Colours come round again after a few methods.
        return [known[0], best.Tone == known[0].Tone ? best with { Tone = PageMethod.ToneOf(1) } : best];
    }

    private static Html Legend(IReadOnlyList<PageMethod> methods, string attack) =>
        PageParts.Legend([.. Shown(methods, attack).Select(m => (m.Tone, m.Name))]);

    private static Html Chart(List<PageMethod> methods, string attack, string name, Func<ClassErrors, double> read) =>
        new ScatterChart
        {
            Title = "Robust error over " + name, Description = "One point for each class and method",
            Points = [.. methods.SelectMany(m => (m.Method.Find(attack)?.Errors?.PerClass ?? []).Select(c =>
                new ScatterPoint(c.Name, 100 * read(c), 100 * c.Robust, m.Tone)))],
            XName = name, YName = "robust error, percent", FromZero = false, Width = 480, Height = 360,
        }.Render();

    private static Html Cell(ErrorCorrelation? found)
    {
        if (found is null) return Html.Text(ReportFormat.None);
        var known = found.Seeds.Where(double.IsFinite).ToArray();
        var mean = ReportFormat.Fixed(found.Mean, 2);
        return known.Length < 2 ? Html.Text(mean) : Html.Of($"{mean} <span class=\"soft\">({ReportFormat.Fixed(
            known.Min(), 2)} to {ReportFormat.Fixed(known.Max(), 2)})</span>");
    }

    private static Html Pair(ComparedErrors errors) => errors.Closest is not { } pair ? Html.Text(ReportFormat.None)
        : Html.Of($"{Name(errors, pair.First)}, {Name(errors, pair.Second)} <span class=\"soft\">({
            ReportFormat.Percent(pair.Similarity)})</span>");

    private static string Name(ComparedErrors errors, int k) =>
        errors.PerClass.FirstOrDefault(c => c.Class == k)?.Name ?? ReportFormat.ClassName(k);
}
