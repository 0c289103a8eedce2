using System.Globalization;
using System.Text.Json.Nodes;

namespace Codat.Native.Cli;

/// <summary>An evaluation as tables for a person: one of attacks, one of classes.</summary>
internal static class EvalText
{
    private const int MaxClasses = 20;

    private static readonly string[] s_compared = ["rho", "elasticity"];

    internal static void Write(JsonNode evaluation, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{evaluation.Text("dataset")} {evaluation.Text("split")}, "
            + $"{Numbers.Count(evaluation.Number("n") ?? 0)} images, "
            + $"{evaluation.Text("norm")} {evaluation.Text("epsText")}"));
        JsonArray attacks = evaluation["attacks"] as JsonArray ?? [];
        WriteAttacks(attacks, output);
        output.WriteLine();
        WriteClasses(attacks, output);
        WriteDecision(evaluation, attacks, output);
        WriteChecks(evaluation, output);
    }

    private static void WriteAttacks(JsonArray attacks, TextWriter output)
    {
        var compared = attacks.Any(a => a.Number("rho") is not null);
        var table = new TextTable(["attack", "average %", "macro %", "worst % (95 %)", "worst class", "spread %",
            .. compared ? s_compared : []]);
        foreach (JsonNode? attack in attacks)
        {
            var worst = Numbers.Percent(attack.Number("worst"));
            if (attack.Number("worstLow") is { } low)
                worst += $" ({Numbers.Percent(low)}-{Numbers.Percent(attack.Number("worstHigh"))})";
            string[] row = [attack.Text("name"), Numbers.Percent(attack.Number("average")),
                Numbers.Percent(attack.Number("macro")), worst,
                ClassName(attack, (int?)attack.Number("worstClass")), Numbers.Percent(attack.Number("spread"))];
            string[] against = [Numbers.Short(attack.Number("rho")), Numbers.Short(attack.Number("elasticity"))];
            table.Add([.. row, .. compared ? against : []]);
        }
        table.Write(output, "  ");
    }

    private static void WriteClasses(JsonArray attacks, TextWriter output)
    {
        if (attacks.Count == 0 || attacks[^1]?["perClass"] is not JsonArray { Count: > 0 } last) return;
        // With many classes the weakest ones under the last attack are what a person looks for.
        int[] order = [.. Enumerable.Range(0, last.Count)];
        if (last.Count > MaxClasses)
        {
            Array.Sort(Array.ConvertAll(order, k => last[k].Number("accuracy") ?? 2), order);
            output.WriteLine($"  the {MaxClasses} weakest of {last.Count} classes");
        }
        var table = new TextTable(["class", "n", .. attacks.Select(a => $"{a.Text("name")} % (95 %)")]);
        foreach (int k in order.Take(MaxClasses))
        {
            table.Add([last[k].Text("name"), Numbers.Count(last[k].Number("n") ?? 0),
                .. attacks.Select(attack => Cell((attack?["perClass"] as JsonArray)?[k]))]);
        }
        table.Write(output, "  ");
    }

    private static void WriteDecision(JsonNode evaluation, JsonArray attacks, TextWriter output)
    {
        if (evaluation["claim"] is not { } claim) return;
        var decided = evaluation["decided"]?.GetValue<bool>();
        var verdict = decided is null ? "has no images that could tell" : decided.Value ? "holds" : "does not hold";
        output.WriteLine();
        output.WriteLine($"  {claim}: {verdict}");
        if (evaluation["lower"] is not JsonArray lower || evaluation["upper"] is not JsonArray upper) return;
        var table = new TextTable("class", "at least %", "at most %");
        for (var k = 0; k < lower.Count; k++)
        {
            var name = attacks.Count > 0 ? ClassName(attacks[0], k) : Numbers.Count(k);
            table.Add(name, Numbers.Percent(Numbers.Value(lower[k])), Numbers.Percent(Numbers.Value(upper[k])));
        }
        table.Write(output, "  ");
    }

    /// <summary>One line that all checks pass, or one for each alarm.</summary>
    private static void WriteChecks(JsonNode evaluation, TextWriter output)
    {
        if (evaluation["checks"] is not JsonArray { Count: > 0 } checks) return;
        output.WriteLine();
        var alarms = checks.Where(check => check.Text("verdict") != "pass").ToArray();
        if (alarms.Length == 0)
            output.WriteLine($"  {evaluation.Text("verdict")}: {Numbers.Count(checks.Count)} checks raise no alarm");
        foreach (JsonNode? alarm in alarms)
            output.WriteLine($"  {evaluation.Text("verdict")} ({alarm.Text("verdict")}), {alarm.Text("name")}: "
                + alarm.Text("detail"));
    }

    private static string Cell(JsonNode? entry)
        => $"{Numbers.Percent(entry.Number("accuracy"))} "
            + $"({Numbers.Percent(entry.Number("low"))}-{Numbers.Percent(entry.Number("high"))})";

    private static string ClassName(JsonNode? attack, int? index)
    {
        foreach (JsonNode? entry in attack?["perClass"] as JsonArray ?? [])
        {
            if ((int?)entry.Number("class") == index) return entry.Text("name");
        }
        return "-";
    }
}
