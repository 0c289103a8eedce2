namespace Codat.Native.Robust;

/// <summary>Images before and after the attack, and what the attack added.</summary>
internal static class ExamplesSection
{
    private const string Title = "What the attack does to an image";
    private const int MostShown = 24;

    /// <summary>The section of one run.</summary>
    public static Html Render(ReportRun run)
    {
        if (run.View.Examples is not { Items.Count: > 0 } set)
            return PageParts.Missing(run, "examples", Title, "examples.json is missing or empty, so there are no "
                + "images to show.");
        var shown = set.Items.Take(MostShown).ToList();
        var largest = shown.Max(PerturbationImage.Largest);
        var factor = PerturbationImage.Factor(largest);
        var html = new HtmlBuilder().Add($"<div class=\"cards\">");
        foreach (var item in shown) html.Add(Card(run, set, item, factor));
        html.Add($"</div>");
        return PageParts.Section(run, "examples", Title, Lead(set, shown, largest, factor), html.ToHtml());
    }

    private static Html Lead(ExampleSet set, List<ExampleView> shown, double largest, double factor)
    {
        var fooled = shown.Count(item => item.AttackedPrediction != item.Class && item.CleanPrediction == item.Class);
        var right = shown.Count(item => item.CleanPrediction == item.Class);
        var size = set.Norm == "l2"
            ? "longest change " + ReportFormat.Fixed(shown.Max(PerturbationImage.Length), 4) + " in ℓ2"
            : "largest change of a pixel " + ReportFormat.Fixed(largest, 4);
        var colours = set.Channels == 1 ? "orange made brighter, blue made darker" : "grey means unchanged";
        return Html.Of($"Clean, attacked ({set.Attack}, ε = {set.EpsText}; {size}), and the change itself, amplified "
            + $"{ReportFormat.Count(factor)} times ({colours}). {ReportFormat.Count(fooled)} of the "
            + $"{ReportFormat.Count(right)} images shown here that were right without the attack are wrong with it.");
    }

    private static Html Card(ReportRun run, ExampleSet set, ExampleView item, double factor)
    {
        var fooled = item.AttackedPrediction != item.Class;
        var size = Html.Of($"width=\"{set.Width}\" height=\"{set.Height}\"");
        var clean = ReportPng.DataUri(item.Clean, set.Height, set.Width, set.Channels);
        var attacked = ReportPng.DataUri(PerturbationImage.Attacked(item), set.Height, set.Width, set.Channels);
        var change = ReportPng.DataUri(PerturbationImage.Render(item, set.Channels, factor), set.Height, set.Width, 3);
        return Html.Of($"""
            <figure class="card {(fooled ? "fooled" : "held")}">
            <div class="images"><img src="{clean}" {size} alt="{item.Name}, clean">
            <img src="{attacked}" {size} alt="{item.Name}, attacked">
            <img src="{change}" {size} alt="change, times {ReportFormat.Count(factor)}"></div>
            <figcaption><b>{item.Name}</b> {Verdict(run, item)}</figcaption>
            </figure>

            """);
    }

    private static Html Verdict(ReportRun run, ExampleView item)
    {
        if (item.AttackedPrediction == item.Class) return Html.Of($"<span class=\"verdict\">still recognised</span>");
        var answer = run.ClassName(item.AttackedPrediction);
        return item.CleanPrediction == item.Class
            ? Html.Of($"<span class=\"verdict\">→ {answer}</span>")
            : Html.Of($"<span class=\"verdict\">→ {answer}</span> <small>(already "
                + $"{run.ClassName(item.CleanPrediction)} when clean)</small>");
    }
}
