using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary><c>codat profile</c></summary>
internal sealed class ProfileCommand : CliCommand
{
    internal override Command Build(CliContext context, CancellationToken cancellation)
        => Make("profile", "Show where a training step spends its time.", context,
            (given, session) => Run(given, session, cancellation),
            Text("model", "NAME", "network: " + ModelName.Names, "small-cnn"),
            Text("batch", "N", "images in a step", "128"),
            Text("objective", "NAME", "codat, at, trades or erm", "codat"),
            Text("steps", "N", "steps of the attack", "10"),
            Text("rounds", "N", "timed training steps, after one to warm up", "10"),
            Text("precision", "KIND", "arithmetic: fp32; on CUDA also tf32 or bf16", "fp32"),
            Text("determinism", "KIND", "fast, reproducible or strict, on CUDA", "reproducible"),
            Text("timeline", "FILE", "one step as a Chrome trace (JSON), for Perfetto or chrome://tracing"));

    private static int Run(Given given, Session session, CancellationToken cancellation)
    {
        var fallback = new ProfileOptions();
        ProfileOptions options = CommonSymbols.With(fallback with
        {
            Model = given.Text("model") is string model ? ModelName.Parse(model, "--model") : fallback.Model,
            Batch = given.Read("batch", CheckpointSymbols.Positive, fallback.Batch),
            Objective = given.Read("objective", SettingNames.ParseObjective, fallback.Objective),
            Steps = given.Read("steps", (t, w) => SettingText.Integer(t, w, 1, 4095), fallback.Steps),
            Rounds = given.Read("rounds", CheckpointSymbols.Positive, fallback.Rounds),
            Precision = given.Read("precision", SettingNames.Precisions.Parse, fallback.Precision),
            Determinism = given.Read("determinism", SettingNames.Determinisms.Parse, fallback.Determinism),
            Timeline = given.Text("timeline"),
        }, given);
        JsonObject result = EngineBinding.Profile(options, ProgressView.Create(session), cancellation);
        session.Result(result, output => Write(result, output));
        return ExitCode.Done;
    }

    private static void Write(JsonObject result, TextWriter output)
    {
        JsonNode? seconds = result["secondsPerStep"];
        output.WriteLine($"{result.Text("model")}, {result.Text("objective")}, batch {result.Number("batch")}: "
            + $"{Numbers.Short(seconds.Number("median"))} s per step (min {Numbers.Short(seconds.Number("min"))}, "
            + $"max {Numbers.Short(seconds.Number("max"))}), "
            + $"{Numbers.Count(result.Number("imagesPerSecond") ?? 0)} images/s");
        double total = 0;
        foreach ((_, JsonNode? phase) in result["phases"] as JsonObject ?? []) total += Numbers.Value(phase) ?? 0;
        var phases = new TextTable("phase", "seconds", "share %");
        foreach ((string name, JsonNode? phase) in result["phases"] as JsonObject ?? [])
        {
            double value = Numbers.Value(phase) ?? 0;
            phases.Add(name, Numbers.Short(value), Numbers.Percent(value / total));
        }
        phases.Write(output);
        WriteLayers(result["layers"] as JsonArray ?? [], output);
        WriteKernels(result, output);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"peak {Numbers.Count(result.Number("peakBytes") ?? 0)} bytes, managed per step "
            + $"{Numbers.Count(result.Number("managedBytesPerStep") ?? 0)} bytes"));
    }

    // The columns are whatever the layers carry: names differ by device.
    private static void WriteLayers(JsonArray layers, TextWriter output)
    {
        if (layers.Count == 0 || layers[0] is not JsonObject first) return;
        string[] keys = [.. first.Select(pair => pair.Key)];
        var table = new TextTable(keys);
        foreach (JsonNode? layer in layers)
        {
            table.Add(Array.ConvertAll(keys,
                key => layer.Number(key) is double value ? Numbers.Short(value) : layer.Text(key)));
        }
        table.Write(output);
    }

    private static void WriteKernels(JsonObject result, TextWriter output)
    {
        var table = new TextTable("kernel", "calls", "microseconds", "share %");
        foreach (JsonNode? kernel in result["kernels"] as JsonArray ?? [])
        {
            table.Add(kernel.Text("kernel"), Numbers.Count(kernel.Number("calls") ?? 0),
                Numbers.Short(kernel.Number("microseconds")), Numbers.Percent(kernel.Number("share") ?? 0));
        }
        table.Write(output);
        string graph = result.Number("graphNodes") is { } nodes
            ? $"; as one graph, {Numbers.Count(nodes)} operations" : "";
        output.WriteLine($"{Numbers.Count(result.Number("launches") ?? 0)} kernel launches per step{graph} "
            + "(layers and kernels are timed in steps of their own, launched one by one)");
    }
}
