using System.Globalization;

namespace Codat.Native.Robust;

/// <summary>Curves over swept numbers.</summary>
internal static class SweepSection
{
    private const string Worst = "Worst class";
    private const string Average = "Average";

    /// <summary>A pair of curves for every swept number; nothing where none was swept.</summary>
    public static Html Render(IReadOnlyList<PageMethod> methods, string attack, string? baseline)
    {
        var html = new HtmlBuilder();
        foreach (var (name, what, chart) in Charts(methods, attack, baseline))
            html.Add(PageParts.Figure($"{what} over {name}", chart, Html.Empty));
        var figures = html.ToHtml();
        return figures.Markup.Length == 0 ? Html.Empty : PageParts.Section(null, "sweep", "Sweeps",
            Html.Of($"Means over seeds under {attack}, a dot for each seed; everything but the swept number is held."),
            Html.Of($"<div class=\"grid even\">{figures}</div>"));
    }

    /// <summary>The figures, named by what is swept and shown.</summary>
    public static IEnumerable<PageFigure> Figures(IReadOnlyList<PageMethod> methods, string attack, string? baseline) =>
        Charts(methods, attack, baseline).Select(c => new PageFigure(
            $"sweep-{PlanLabels.FolderName(c.Name)}-{(c.What == Worst ? "worst" : "average")}", c.Chart, []));

    private static IEnumerable<(string Name, string What, Html Chart)> Charts(IReadOnlyList<PageMethod> methods,
        string attack, string? baseline)
    {
        foreach (var name in methods.SelectMany(m => m.Method.Planned.Swept).Select(s => s.Name).Distinct())
        {
            var series = Series(methods, name);
            if (series.Count == 0) continue;
            var reference = series.Exists(s => s.Points.Exists(p => p.Method.Label == baseline)) ? null
                : methods.FirstOrDefault(m => m.Label == baseline)?.Method;
            foreach (var what in (string[])[Worst, Average])
                yield return (name, what, Chart(name, what, series, attack, reference));
        }
    }

    private static Html Chart(string name, string what,
        List<(string Name, List<(double X, PageMethod Method)> Points)> all, string attack, ComparedMethod? reference)
    {
        double Mean(ComparedMethod method) =>
            method.Find(attack) is { } row ? (what == Worst ? row.Worst : row.Average).Mean : double.NaN;
        double One(ComparedRun run) =>
            run.Attack(attack) is { } row ? what == Worst ? row.Worst : row.Average : double.NaN;

        var chart = new LineChart
        {
            Title = $"{what} over {name}", Description = $"{what} under {attack}, a dot for each seed",
            XName = name, YName = $"{what.ToLowerInvariant()} under {attack}", IsWhole = false, IsPercent = true,
            FromZero = false, Height = 300,
            Reference = reference is not null && Mean(reference) is var at && double.IsFinite(at)
                ? (at, reference.Label) : null,
            Series =
            [
                .. all.Select((s, i) => new LineSeries(s.Name, PageMethod.ToneOf(i), [.. s.Points.Select(p => p.X)],
                    [.. s.Points.Select(p => Mean(p.Method.Method))])
                {
                    Singles = [.. s.Points.Where(p => p.Method.Method.Runs.Count > 1)
                        .SelectMany(p => p.Method.Method.Runs.Select(run => (p.X, One(run))))],
                }),
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
}
