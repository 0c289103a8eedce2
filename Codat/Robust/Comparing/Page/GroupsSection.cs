namespace Codat.Native.Robust;

/// <summary>Whether the classes of a method fall into two groups.</summary>
internal static class GroupsSection
{
    /// <summary>The section; nothing where no method has classes.</summary>
    public static Html Render(IReadOnlyList<PageMethod> methods, string attack)
    {
        var rows = new List<IReadOnlyList<Html>>();
        foreach (var method in methods)
        {
            if (method.Method.Find(attack)?.Bimodality is not { } groups) continue;
            rows.Add([method.Key(), Html.Of($"{ReportFormat.Points(groups.Gap.Mean)} {Interval(ReportFormat.Points(
                groups.Gap.Low), ReportFormat.Points(groups.Gap.High))}"),
                Html.Text(ReportFormat.Count(groups.Split.Below) + " | " + ReportFormat.Count(groups.Split.Above)),
                Html.Text(ReportFormat.Points(groups.Split.Distance)),
                Html.Of($"{ReportFormat.Fixed(groups.Coefficient.Mean, 2)} {Interval(ReportFormat.Fixed(
                    groups.Coefficient.Low, 2), ReportFormat.Fixed(groups.Coefficient.High, 2))}"),
                Html.Text(ReportFormat.Fixed(groups.Dip, 3)), Html.Text(ReportFormat.Fixed(groups.DipP, 3))]);
        }
        return rows.Count == 0 ? Html.Empty : PageParts.Section(null, "groups", "Two groups of classes?",
            Html.Of($"Accuracies of the classes under {attack}, means over seeds, in points. The widest gap splits "
                + $"them into those below and above. Sarle’s coefficient is 0.56 for evenly spread classes; the dip "
                + $"measures the distance from a single peak, and p how often evenly drawn numbers reach it. "
                + $"Intervals are 95 % over seeds and images, not over other classes. With ten classes or so, none "
                + $"of these can tell two groups from one with any certainty."),
            PageParts.Table("Groups of classes",
                [new("method", false), new("widest gap", true), new("classes below | above", true),
                    new("distance of the means", true), new("coefficient", true), new("dip", true), new("p", true)],
                rows));
    }

    private static Html Interval(string low, string high) => Html.Of($"<span class=\"soft\">({low} to {high})</span>");
}
