using System.Globalization;

namespace Codat.Native.Robust;

/// <summary>Curves over swept numbers.</summary>
internal static class SweepSection
{
    private const string Worst = "Worst class";

    /// <summary>A pair of curves for every swept number; nothing where none was swept.</summary>
    public static Html Render(IReadOnlyList<PageMethod> methods, string attack)
    {
        var html = new HtmlBuilder();
        foreach (var (name, what, chart) in Charts(methods, attack))
            html.Add(PageParts.Figure($"{what} over {name}", chart, Html.Empty));
        var figures = html.ToHtml();
        return figures.Markup.Length == 0 ? Html.Empty : PageParts.Section(null, "sweep", "Sweeps",
            Html.Of($"Means over seeds under {attack}; everything but the swept number is held."),
            Html.Of($"<div class=\"grid even\">{figures}</div>"));
    }

    /// <summary>The figures, named by what is swept and shown.</summary>
    public static IEnumerable<PageFigure> Figures(IReadOnlyList<PageMethod> methods, string attack) =>
        Charts(methods, attack).Select(c => new PageFigure(
            $"sweep-{PlanLabels.FolderName(c.Name)}-{(c.What == Worst ? "worst" : "average")}", c.Chart, []));

    private static IEnumerable<(string Name, string What, Html Chart)> Charts(IReadOnlyList<PageMethod> methods,
        string attack)
    {
        foreach (var name in methods.SelectMany(m => m.Method.Planned.Swept).Select(s => s.Name).Distinct())
        {
            var series = Series(methods, name);
            if (series.Count == 0) continue;
            yield return (name, Worst, Chart(name, Worst, series, attack, row => row.Worst.Mean));
            yield return (name, "Average", Chart(name, "Average", series, attack, row => row.Average.Mean));
        }
    }

    private static Html Chart(string name, string what,
        List<(string Name, List<(double X, PageMethod Method)> Points)> all, string attack,
        Func<ComparedAttack, double> read)
    {
        var chart = new LineChart
        {
            Title = $"{what} over {name}", Description = $"{what} under {attack}", XName = name, IsWhole = false,
            IsPercent = true, FromZero = false, Height = 300,
            Series =
            [
                .. all.Select((s, i) => new LineSeries(s.Name, Tone(i), [.. s.Points.Select(p => p.X)],
                    [.. s.Points.Select(p => p.Method.Method.Find(attack) is { } row ? read(row) : double.NaN)])),
            ],
        };
        return chart.Render();
    }

    /// <summary>Methods that differ in this number alone, in its order.</summary>
    private static List<(string Name, List<(double X, PageMethod Method)> Points)> Series(
        IReadOnlyList<PageMethod> methods, string name)
    {
        var series = new List<(string Name, List<(double X, PageMethod Method)> Points)>();
        foreach (var method in methods)
        {
            var planned = method.Method.Planned;
            var text = planned.Swept.FirstOrDefault(s => s.Name == name).Value;
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var x)) continue;
            var key = planned.SweptLabel
                + string.Concat(planned.Swept.Where(s => s.Name != name).Select(s => $" {s.Name}={s.Value}"));
            if (!series.Exists(s => s.Name == key)) series.Add((key, []));
            series.Find(s => s.Name == key).Points.Add((x, method));
        }
        foreach (var (_, points) in series) points.Sort((a, b) => a.X.CompareTo(b.X));
        series.RemoveAll(s => s.Points.Count < 2);
        return series;
    }

    private static string Tone(int i) => "tone-run" + (i % 6 + 1).ToString(CultureInfo.InvariantCulture);
}
