namespace Codat.Native.Robust;

/// <summary>Average against worst class: who pays what for its worst class.</summary>
internal static class PlaneSection
{
    /// <summary>The section.</summary>
    public static Html Render(IReadOnlyList<PageMethod> methods, string attack)
    {
        var points = Points(methods, attack);
        return PageParts.Section(null, "plane", "Average against worst class",
            Html.Of($"Up is fairer, right is better on average, under {attack}. No method is better in both than "
                + $"{ReportFormat.Join([.. Front(points).Select(p => p.Name)])}."),
            PageParts.Figure("The plane of trade-offs", Chart(methods, attack),
                Html.Of($"Points are means over seeds, rings single seeds; the dotted line joins the methods that no "
                    + $"other beats in both.")));
    }

    /// <summary>The figure.</summary>
    public static Html Chart(IReadOnlyList<PageMethod> methods, string attack)
    {
        var points = Points(methods, attack);
        var seeds = methods.SelectMany(m => m.Method.Runs.Select(r => (Run: r, Row: r.Attack(attack))))
            .Where(s => s.Row is not null).Select(s => new ScatterPoint($"{s.Run.Label}, seed {s.Run.Seed}",
                100 * (s.Row?.Average ?? 0), 100 * (s.Row?.Worst ?? 0), "tone-ink")).ToArray();
        var chart = new ScatterChart
        {
            Title = "Average against worst class", Description = "One point for each method, a ring for each seed",
            Points = points, Hollow = seeds.Length > points.Length ? seeds : [], FromZero = false,
            Front = [.. Front(points).Select(p => (p.X, p.Y))], XName = "average accuracy, percent",
            YName = "worst class, percent", Width = 900, Height = 460,
        };
        return chart.Render();
    }

    /// <summary>
    /// The points no other point beats in one direction without losing in the other, from left to right.
    /// </summary>
    public static IReadOnlyList<ScatterPoint> Front(IReadOnlyList<ScatterPoint> points) =>
    [
        .. points.Where(p => !points.Any(o => o.X >= p.X && o.Y >= p.Y && (o.X > p.X || o.Y > p.Y)))
            .OrderBy(p => p.X),
    ];

    private static ScatterPoint[] Points(IReadOnlyList<PageMethod> methods, string attack) =>
        [.. methods.Select(m => (Method: m, Row: m.Method.Find(attack))).Where(m => m.Row is not null).Select(m =>
            new ScatterPoint(m.Method.Label, 100 * (m.Row?.Average.Mean ?? 0), 100 * (m.Row?.Worst.Mean ?? 0),
                m.Method.Tone))];
}
