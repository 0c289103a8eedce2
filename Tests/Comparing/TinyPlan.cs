using System.Text.Json.Nodes;
using Codat.Native.Cli;
using Codat.Native.Robust;

namespace Codat.Native.Tests;

/// <summary>Plans whose runs take less than a second: a few steps of a small network on synthetic images.</summary>
internal static class TinyPlan
{
    private const string Base = """
        "dataset": "synthetic", "model": "mlp", "train-limit": 320, "val-limit": 60, "test-limit": 60, "batch": 32,
        "epochs": 2, "steps": 2, "val-attack": "pgd-2", "save-every": "off"
        """;

    /// <summary>Keys whose values are of one machine and one moment.</summary>
    private static readonly string[] s_varies = ["seconds", "imagesPerSecond", "minutes", "peakBytes"];

    public static string Write(TempFolder folder, string runs, string rest = "", string seeds = "0", string name = "tiny") =>
        folder.Write($"{name}-{Guid.NewGuid():N}.json", $$"""
            { "name": "{{name}}", "base": { {{Base}} }, "seeds": [{{seeds}}], "test": "pgd-2"{{rest}},
              "runs": [ {{runs}} ] }
            """);

    public static CompareOutcome Run(string plan, string folder, ICompareObserver? observer = null, string? done = null,
        CancellationToken cancellation = default) => Comparer.Run(new CompareOptions
        {
            Plan = plan, Out = folder, Done = done, Device = DeviceSpec.Parse("cpu", "test"), Threads = 1, ShapeOf = EngineBinding.ShapeOf,
            Evaluate = (options, token) => EngineBinding.Eval(options, new PlainCompareView(TextWriter.Null,
                TimeProvider.System), token),
        }, observer ?? new PlainCompareView(TextWriter.Null, TimeProvider.System), cancellation);

    /// <summary>The tables of a comparison without times.</summary>
    public static string Tables(string folder)
    {
        var lines = File.ReadAllLines(Path.Combine(folder, "runs.jsonl")).Select(l => JsonNode.Parse(l)!).ToArray();
        var result = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "compare.json")))!;
        foreach (var node in lines.Append(result)) Strip(node);
        return string.Join('\n', [.. lines.Select(l => l.ToJsonString()), result.ToJsonString(),
            File.ReadAllText(Path.Combine(folder, "compare.csv")),
            .. Directory.GetFiles(Path.Combine(folder, "figures")).Order(StringComparer.Ordinal).Select(File.ReadAllText)]);
    }

    private static void Strip(JsonNode? node)
    {
        if (node is JsonArray array)
            foreach (var item in array) Strip(item);
        if (node is not JsonObject value) return;
        foreach (var name in s_varies) value.Remove(name);
        foreach (var (_, child) in value) Strip(child);
    }
}
