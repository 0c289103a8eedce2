namespace Codat.Native.Robust;

/// <summary>One direction of confusion: images of a class that are taken for another.</summary>
internal sealed record Theft(int From, int To, long Count, double ShareOfClass, double ShareOfLosses);

/// <summary>Says in words what the figures show.</summary>
internal static class Narrative
{
    /// <summary>Where the images of a class go under attack, largest first.</summary>
    public static List<Theft> Thieves(long[][] flow, int from)
    {
        long all = 0;
        foreach (var count in flow[from]) all += count;
        var lost = all - flow[from][from];
        var thefts = new List<Theft>();
        for (var to = 0; to < flow.Length; to++)
        {
            if (to == from || flow[from][to] == 0) continue;
            thefts.Add(new Theft(from, to, flow[from][to], (double)flow[from][to] / all,
                (double)flow[from][to] / lost));
        }
        thefts.Sort((a, b) => b.Count != a.Count ? b.Count.CompareTo(a.Count) : a.To.CompareTo(b.To));
        return thefts;
    }

    /// <summary>The run in a few sentences, for the top of the page.</summary>
    public static Html Summary(ReportRun run)
    {
        var text = new HtmlBuilder();
        if (run.View.Final is not { } final || final.Strongest is not { } attack)
        {
            return Html.Of($"This run has no final evaluation under attack. What its epochs recorded stands below.");
        }
        var worst = attack.WorstClass;
        text.Add($"Of 100 attacked {SplitWord(final)} images, {Round(attack.Average)} are still classified correctly");
        if (final.Clean is { } clean && double.IsFinite(clean.Average)) text.Add(
            $" ({Round(clean.Average)} without the attack)");
        if (worst is null) return text.Add($".").ToHtml();
        text.Add($". For the hardest class, <strong>{worst.Name}</strong>, it is {Round(worst.Accuracy)}");
        if (attack.Flow is { } flow && worst.Class >= 0 && worst.Class < flow.Length
            && Thieves(flow, worst.Class) is { Count: > 0 } thieves)
            text.Add($"; the images it loses go mostly to "
                + $"{ReportFormat.Join([.. thieves.Take(2).Select(theft => run.ClassName(theft.To))])}");
        text.Add($".");
        if (run.View.ShownEpoch is { Weight.Mean: { Length: > 0 } weights } epoch && worst.Class < weights.Length)
        {
            var factor = weights[worst.Class] * weights.Length;
            text.Add($" In epoch {epoch.Epoch} training gave it {ReportFormat.Times(factor)} the weight of an even "
                + $"split.");
        }
        return text.ToHtml();
    }

    /// <summary>What becomes of one class under attack, in a sentence.</summary>
    public static Html Losses(ReportRun run, long[][] flow, int from)
    {
        long all = 0;
        foreach (var count in flow[from]) all += count;
        var thieves = Thieves(flow, from);
        var text = new HtmlBuilder().Add(
            $"<strong>{run.ClassName(from)}</strong> keeps {ReportFormat.Count(flow[from][from])} of "
                + $"{ReportFormat.Count(all)} images");
        if (thieves.Count == 0) return text.Add($".").ToHtml();
        var names = thieves.Take(3).Select(theft =>
            ReportFormat.Count(theft.Count) + " to " + run.ClassName(theft.To) + " ("
                + ReportFormat.Share(theft.ShareOfLosses) + " of its losses)");
        return text.Add($" and loses {ReportFormat.Join([.. names])}.").ToHtml();
    }

    /// <summary>The pair of classes that exchange most images, in a sentence.</summary>
    public static Html BusiestPair(ReportRun run, long[][] flow)
    {
        var (a, b, most) = (-1, -1, 0L);
        for (var i = 0; i < flow.Length; i++)
        {
            for (var j = i + 1; j < flow.Length; j++)
            {
                if (flow[i][j] + flow[j][i] <= most) continue;
                (a, b, most) = (i, j, flow[i][j] + flow[j][i]);
            }
        }
        if (a < 0) return Html.Empty;
        var (one, two) = (run.ClassName(a), run.ClassName(b));
        return Html.Of($"The busiest border runs between <strong>{one}</strong> and <strong>{two}</strong>: "
            + $"{ReportFormat.Count(flow[a][b])} images cross it one way, {ReportFormat.Count(flow[b][a])} the other.");
    }

    private static string SplitWord(EvaluationView final) =>
        final.Split switch { "val" or "validation" => "validation", var other => other };

    private static string Round(double share) => ReportFormat.Fixed(share * 100, 0);
}
