using System.Text.Json;
using System.Text.Json.Nodes;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Lines of <c>runs.jsonl</c>: a finished run with its settings and everything that was measured.</summary>
internal static class RunLine
{
    private static readonly string[] s_notComputed = ["data", "device", "threads", "save-every", "init"];

    /// <summary>The line of a finished run, from the files it left behind.</summary>
    public static JsonObject Of(PlannedRun run, JsonObject evaluations)
    {
        var final = JsonView.Load(Path.Combine(run.Folder, "final.json"));
        var versions = JsonView.Load(Path.Combine(run.Folder, "manifest.json")).Object("versions");
        var epochs = MetricsReader.Read(Path.Combine(run.Folder, "metrics.jsonl"));
        var best = epochs.Find(e => e.Epoch == final.Object("best")?.Integer("epoch"));
        return new JsonObject
        {
            ["label"] = run.Label, ["seed"] = run.Seed, ["dataset"] = run.Options.Dataset,
            ["run"] = "runs/" + Path.GetFileName(run.Folder), ["configHash"] = run.Hash,
            ["version"] = versions?.Text("codat"),
            ["settings"] = Settings(run), ["stopped"] = final.Text("stopped"), ["best"] = Copy(final, "best"),
            ["imagesPerSecond"] = Finite(final.Number("imagesPerSecond")),
            ["minutes"] = Finite(Math.Round(epochs.Sum(e => e.TotalSeconds) / 60, 2)),
            ["negativeShare"] = Finite(Mean(epochs, e => e.NegativeShare)),
            ["objectiveGap"] = Finite(Mean(epochs, e => e.ObjectiveGap)),
            ["weights"] = best is { Weight.Mean.Length: > 0 }
                ? new JsonObject { ["perClass"] = Array(best.Weight.Mean), ["risks"] = Array(best.Risk.Mean) } : null,
            ["variance"] = best is null ? null
                : new JsonObject { ["mean"] = Finite(best.Variance), ["std"] = Finite(best.VarianceDeviation) },
            ["optimalWeights"] = Copy(final, "optimalWeights"), ["validation"] = Evaluation(final, "validation"),
            ["test"] = Evaluation(final, "test"), ["evaluations"] = evaluations,
        };
    }

    /// <summary>The settings of a run, less those that say where and how it is computed.</summary>
    public static JsonObject Settings(PlannedRun run)
    {
        var settings = TrainConfig.ToJson(run.Options);
        foreach (var name in s_notComputed) settings.Remove(name);
        settings["init"] = run.Source?.Label;
        return settings;
    }

    /// <summary>
    /// An evaluation without the curves of its attacks: they are in the run folder, large, and in no table.
    /// </summary>
    public static JsonObject? WithoutTelemetry(JsonObject? evaluation)
    {
        foreach (var attack in evaluation?["attacks"] as JsonArray ?? []) (attack as JsonObject)?.Remove("telemetry");
        return evaluation;
    }

    /// <summary>Reads the lines of a file, less telemetry; none where it does not exist.</summary>
    /// <exception cref="CodatException">A line is not understood; the message names it.</exception>
    public static List<JsonObject> ReadAll(string path)
    {
        var lines = new List<JsonObject>();
        if (!File.Exists(path)) return lines;
        var number = 0;
        foreach (var line in JsonView.ReadText(path).Split('\n'))
        {
            number++;
            if (line.AsSpan().Trim().IsEmpty) continue;
            var view = JsonView.Parse(line, path, number);
            _ = view.Text("configHash") ?? throw view.Wrong("a member named configHash", "none");
            _ = Read(view, "", []);
            lines.Add(Slim(JsonNode.Parse(line)!.AsObject())); // the view is an object
        }
        return lines;
    }

    /// <summary>What a line says, under the label the plan has for it.</summary>
    public static ComparedRun Read(JsonObject line, PlannedRun run, IReadOnlyList<PlannedEvaluation> evaluations) =>
        Read(JsonView.Parse(line.ToJsonString(RunJson.Line), $"the line of {run.Label}", null), run.Label, evaluations)
            with { Seed = run.Seed };

    private static ComparedRun Read(JsonView line, string label, IReadOnlyList<PlannedEvaluation> evaluations)
    {
        var (weights, optimal) = (line.Object("weights"), line.Object("optimalWeights"));
        var test = line.Object("test") ?? line.Object("validation");
        var attacks = new List<AttackView>(EvaluationReader.Evaluation(test, "test")?.Attacks ?? []);
        foreach (var evaluation in evaluations)
        {
            var found = line.Object("evaluations")?.Object(evaluation.Name)?.Object("result");
            foreach (var attack in EvaluationReader.Evaluation(found, "test")?.Attacks ?? [])
                attacks.Add(attack with
                {
                    Name = $"{evaluation.Name}/{attack.Name}", Evaluation = evaluation.Name,
                });
        }
        return new ComparedRun
        {
            Label = label, Seed = 0, Run = line.Text("run") ?? "", Stopped = line.Text("stopped") ?? "done",
            ImagesPerSecond = line.Number("imagesPerSecond"), Attacks = attacks,
            Validation = EvaluationReader.Evaluation(line.Object("validation"), "val")?.Attacks is [.., var last]
                ? last : null,
            Weights = weights?.Numbers("perClass") ?? [], Risks = weights?.Numbers("risks") ?? [],
            Prior = Prior(line, (weights?.Numbers("perClass") ?? optimal?.Numbers("weights") ?? []).Length),
            Variance = line.Object("variance")?.Number("mean") ?? double.NaN,
            VarianceDeviation = line.Object("variance")?.Number("std") ?? double.NaN,
            Optimal = optimal?.Numbers("weights") ?? [], OptimalRisks = optimal?.Numbers("risks") ?? [],
        };
    }

    // Lines of earlier versions do not have the prior, but nearly all of them were uniform and say so.
    private static double[] Prior(JsonView line, int classes)
    {
        var prior = line.Object("optimalWeights") is { } found && found.Get("prior") is not null
            ? found.Numbers("prior") : [];
        if (prior.Length == classes) return prior;
        return line.Object("settings")?.Text("prior") == "uniform"
            ? [.. Enumerable.Repeat(1.0 / classes, classes)] : [];
    }

    private static JsonObject? Evaluation(JsonView final, string name) =>
        WithoutTelemetry(Copy(final, name) as JsonObject);

    private static JsonObject Slim(JsonObject line)
    {
        foreach (var name in new[] { "validation", "test" }) WithoutTelemetry(line[name] as JsonObject);
        foreach (var (_, made) in line["evaluations"] as JsonObject ?? [])
            WithoutTelemetry((made as JsonObject)?["result"] as JsonObject);
        return line;
    }

    private static JsonNode? Copy(JsonView view, string name) =>
        view.Get(name) is { } member ? JsonNode.Parse(member.Element.GetRawText()) : null;

    private static double Mean(List<EpochView> epochs, Func<EpochView, double> read) =>
        epochs.Select(read).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();

    private static JsonNode? Finite(double value) => double.IsFinite(value) ? value : null;

    private static JsonArray Array(double[] values) => [.. values.Select(Finite)];
}
