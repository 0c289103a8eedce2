using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Codat.Native.Cli;
using Codat.Native.Robust;

namespace Codat.Native.Tests;

/// <summary>Training runs of less than a second: 20 steps in 2 epochs on synthetic images.</summary>
internal static class TinyRun
{
    public const int StepsPerEpoch = 10;
    public const int Steps = 20;

    private static readonly string[] s_base =
    [
        "dataset=synthetic", "model=mlp", "train-limit=320", "val-limit=60", "test-limit=60", "batch=32", "epochs=2",
        "steps=2", "val-attack=pgd-2", "test=pgd-2", "save-every=off", "threads=2",
    ];

    private static readonly string[] s_varies = ["seconds", "imagesPerSecond", "peakBytes"];

    /// <summary>The base settings with others over them, each as NAME=VALUE.</summary>
    public static TrainOptions Options(string folder, params string[] settings)
    {
        var layer = SettingLayer.Empty;
        foreach (var (name, value) in Merge(settings)) layer.Add(name, value);
        return TrainResolver.Resolve(layer, SettingLayer.Empty, EngineBinding.ShapeOf) with { Out = folder };
    }

    /// <summary>The same as arguments of <c>codat</c>.</summary>
    public static string[] Arguments(string folder, params string[] settings)
    {
        var arguments = new List<string> { "train", "--out", folder };
        foreach (var (name, value) in Merge(settings))
        {
            arguments.Add("--" + name);
            if (value != "true") arguments.Add(value);
        }
        return [.. arguments];
    }

    /// <summary>Runs to the end; returns what was left behind.</summary>
    public static Dictionary<string, string> Train(TempFolder folder, string name, params string[] settings)
    {
        Trainer.Run(Options(folder.File(name), settings));
        return Bits(folder.File(name));
    }

    /// <summary>Trains, stopping after each of the given steps, and continues each time.</summary>
    public static Dictionary<string, string> TrainInPieces(TempFolder folder, string name, long[] stops, params string[] settings)
    {
        var path = folder.File(name);
        for (var i = 0; i <= stops.Length; i++)
        {
            using var cancel = new CancellationTokenSource();
            var stop = i < stops.Length ? stops[i] : long.MaxValue;
            var observer = new Events { OnStep = made => { if (made.Step == stop) cancel.Cancel(); } };
            var result = i == 0
                ? Trainer.Run(Options(path, settings), observer, cancel.Token)
                : Trainer.Resume(path, new ResumeOptions { Resume = path, Threads = 1 + i % 2 }, observer, cancel.Token);
            if ((result.Stopped == "cancelled") != i < stops.Length)
                throw new InvalidOperationException($"piece {i} ended as {result.Stopped}");
        }
        return Bits(path);
    }

    /// <summary>Continues a run, stopping when the given steps are heard of.</summary>
    public static Dictionary<string, string> ResumeInPieces(TempFolder folder, string name, long[] stops)
    {
        var path = folder.File(name);
        foreach (var stop in stops.Append(long.MaxValue))
        {
            using var cancel = new CancellationTokenSource();
            var observer = new Events { OnStep = made => { if (made.Step == stop) cancel.Cancel(); } };
            Trainer.Resume(path, new ResumeOptions { Resume = path }, observer, cancel.Token);
        }
        return Bits(path);
    }

    /// <summary>Every file that equal runs leave equal, by name: hashes of binary files, texts without times.</summary>
    public static Dictionary<string, string> Bits(string folder)
    {
        var bits = new Dictionary<string, string>();
        foreach (var path in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(folder, path);
            if (name.StartsWith("state", StringComparison.Ordinal)) continue;
            bits[name] = name switch
            {
                "metrics.jsonl" => string.Join('\n', File.ReadAllLines(path).Select(WithoutTimes)),
                "final.json" => WithoutTimes(File.ReadAllText(path)),
                // They say when, with what and where a run was made.
                "config.json" or "manifest.json" or "report.html" => "present",
                _ => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))),
            };
        }
        return bits;
    }

    public static JsonNode Final(string folder) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "final.json")))!;

    public static JsonNode[] Metrics(string folder) =>
        [.. File.ReadAllLines(Path.Combine(folder, "metrics.jsonl")).Select(line => JsonNode.Parse(line)!)];

    private static Dictionary<string, string> Merge(string[] settings)
    {
        var merged = new Dictionary<string, string>();
        foreach (var setting in s_base.Concat(settings))
        {
            var at = setting.IndexOf('=', StringComparison.Ordinal);
            merged[setting[..at]] = setting[(at + 1)..];
        }
        // Limits and attacks of a split that is not used are refused.
        if (merged["test"] == "none") merged.Remove("test-limit");
        if (!merged.TryGetValue("val", out var validation) || validation != "none") return merged;
        merged.Remove("val-limit");
        merged.Remove("val-attack");
        return merged;
    }

    private static string WithoutTimes(string json)
    {
        var node = JsonNode.Parse(json)!;
        Strip(node);
        return node.ToJsonString();
    }

    private static void Strip(JsonNode? node)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array) Strip(item);
        }
        if (node is not JsonObject value) return;
        foreach (var name in s_varies) value.Remove(name);
        foreach (var (_, child) in value) Strip(child);
    }
}
