using System.Text.Json.Nodes;

namespace Codat.Native.Cli;

/// <summary>A report for a person: where it lies, and how several checkpoints compare.</summary>
internal static class ReportText
{
    internal static void Write(JsonObject result, TextWriter output)
    {
        if (result["checkpoints"] is JsonArray { Count: > 1 } checkpoints)
        {
            WriteRows(result, checkpoints, output);
            WriteTests(result, output);
        }
        foreach (var key in new[] { "report", "table", "result" })
            if (result[key] is not null) output.WriteLine($"{key}: {result.Text(key)}");
    }

    private static void WriteRows(JsonObject result, JsonArray checkpoints, TextWriter output)
    {
        output.WriteLine($"{result.Text("dataset")} {result.Text("split")}, "
            + $"{Numbers.Count(result.Number("n") ?? 0)} images, {result.Text("norm")} {result.Text("epsText")}");
        var table = new TextTable("attack, checkpoint", "average % (95 %)", "worst % (95 %)", "std %", "spread %",
            "rho", "elasticity");
        JsonArray first = checkpoints[0]?["attacks"] as JsonArray ?? [];
        for (var a = 0; a < first.Count; a++)
        {
            foreach (JsonNode? checkpoint in checkpoints)
            {
                JsonNode? row = checkpoint?["attacks"]?[a];
                table.Add($"{row.Text("name")}, {checkpoint.Text("label")}", Interval(row, "average"),
                    Interval(row, "worst"), Numbers.Percent(row.Number("std")), Numbers.Percent(row.Number("spread")),
                    Numbers.Short(row.Number("rho")), Numbers.Short(row.Number("elasticity")));
            }
        }
        table.Write(output, "  ");
    }

    private static void WriteTests(JsonObject result, TextWriter output)
    {
        JsonNode?[] tests = [.. (result["tests"] as JsonArray ?? []).Where(t => t?["class"] is null)];
        if (tests.Length == 0) return;
        output.WriteLine($"against {result.Text("baseline")}: points, and McNemar's p corrected by Holm");
        var table = new TextTable("attack, checkpoint", "only baseline", "only own", "difference", "p", "p corrected");
        foreach (JsonNode? test in tests)
        {
            table.Add($"{test.Text("attack")}, {test.Text("label")}", Numbers.Count(test.Number("onlyBaseline") ?? 0),
                Numbers.Count(test.Number("onlyOwn") ?? 0), Numbers.Percent(test.Number("difference")),
                Numbers.Short(test.Number("p")), Numbers.Short(test.Number("pCorrected")));
        }
        table.Write(output, "  ");
    }

    private static string Interval(JsonNode? row, string key) => $"{Numbers.Percent(row.Number(key))} "
        + $"({Numbers.Percent(row.Number(key + "Low"))}-{Numbers.Percent(row.Number(key + "High"))})";
}
