namespace Codat.Native.Robust;

/// <summary>Which class loses its images to which, method beside method.</summary>
internal static class MethodFlowSection
{
    /// <summary>The section; nothing where no line has a class flow.</summary>
    public static Html Render(IReadOnlyList<PageMethod> methods, string attack)
    {
        var figures = new HtmlBuilder();
        foreach (var method in methods)
        {
            var seeds = method.Method.Runs.Select(r => r.Attack(attack)).OfType<AttackView>().ToArray();
            if (ClassConfusion.Add(seeds) is not { } flow) continue;
            figures.Add(PageParts.Figure(method.Name, FlowMatrix.Render(flow, NameOf, attack),
                Html.Of($"Under {attack}, the images of {Seeds(seeds.Length)} together.")));

            string NameOf(int k) => seeds[0].Find(k)?.Name ?? ReportFormat.ClassName(k);
        }
        return FlowSection.Beside(figures.ToHtml());
    }

    private static string Seeds(int count) => count == 1 ? "one seed" : ReportFormat.Count(count) + " seeds";
}
