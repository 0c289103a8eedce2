namespace Codat.Native.Robust;

/// <summary>Which class loses its images to which under attack.</summary>
internal static class FlowSection
{
    private const string Title = "Where attacked images go";
    private const int WordyClasses = 4;

    /// <summary>The section of one run.</summary>
    public static Html Render(ReportRun run)
    {
        if (run.View.Final?.StrongestWithFlow is not { Flow: { } flow } attack)
            return PageParts.Missing(run, "flow", Title, "final.json records no class flow (counts of true against "
                + "predicted class under attack).");
        var html = new HtmlBuilder().Add($"<div class=\"aside\"><h3>The main thieves</h3><ul class=\"thieves\">");
        var known = attack.PerClass.Where(item =>
            item.Class >= 0 && item.Class < flow.Length && double.IsFinite(item.Accuracy));
        foreach (var item in known.OrderBy(item => item.Accuracy).Take(WordyClasses))
            html.Add($"<li>{Narrative.Losses(run, flow, item.Class)}</li>");
        html.Add($"</ul><p>{Narrative.BusiestPair(run, flow)}</p></div>");
        return PageParts.Section(run, "flow", Title,
            Html.Of($"Rows are the true classes, columns what the network answers under {attack.Name}, the strongest "
                + $"attack with a recorded flow."),
            Html.Of($"<div class=\"grid wide-left\">{Matrix(run, attack)}{html.ToHtml()}</div>"));
    }

    /// <summary>The matrices of several runs side by side; nothing where no run has one.</summary>
    public static Html Compare(IReadOnlyList<ReportRun> runs)
    {
        var html = new HtmlBuilder();
        foreach (var run in runs)
        {
            if (run.View.Final?.StrongestWithFlow is { Flow: not null } attack)
                html.Add(PageParts.Figure(run.Letter + "  " + run.Label, Picture(run, attack),
                    Html.Of($"Under {attack.Name}.")));
        }
        return Beside(html.ToHtml());
    }

    /// <summary>A section of matrices side by side; nothing without figures.</summary>
    public static Html Beside(Html figures) =>
        figures.Markup.Length == 0 ? Html.Empty : PageParts.Section(null, "flow", Title,
            Html.Of($"Rows are the true classes, columns what the network answers under attack, in percent of the "
                + $"row. Blue stays, orange is lost."),
            Html.Of($"<div class=\"grid even\">{figures}</div>"));

    private static Html Matrix(ReportRun run, AttackView attack) => PageParts.Figure(
        "Class flow under " + attack.Name, Picture(run, attack),
        Html.Of($"Percent of the row. A class that keeps its images is blue on the diagonal; orange cells are what it "
            + $"loses and to whom. Images that were already wrong without the attack count where they went."),
        PageParts.Legend(("tone-robust", "kept"), ("tone-up", "lost to another class")));

    // Only called for attacks whose flow was found.
    private static Html Picture(ReportRun run, AttackView attack) =>
        FlowMatrix.Render(attack.Flow ?? [], run.ClassName, attack.Name);
}
