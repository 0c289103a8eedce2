using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Codat.Native.Interop;

namespace Codat.Native.Cli;

/// <summary><c>codat cache build|list|clear</c></summary>
internal sealed class CacheCommand : CliCommand
{
    internal override Command Build(CliContext context, CancellationToken cancellation)
    {
        var command = new Command("cache", "Compile kernels ahead of use, list or remove compiled ones.");
        command.Add(Make("build", "Compile every kernel; needs the CUDA compiler library, but no GPU.", context,
            (given, session) =>
            {
                int[]? architectures = given.Has("arch") ? Architectures(given.Text("arch")) : null;
                IProgressView view = ProgressView.Create(session);
                JsonObject result = EngineBinding.CacheBuild(architectures, view, cancellation);
                session.Result(result, output => WriteBuild(result, output));
                return result["failed"] is JsonArray { Count: > 0 } ? ExitCode.Failed : ExitCode.Done;
            },
            Text("arch", "LIST", "compute capabilities without the dot, such as 80,90",
                "those of the GPUs, else 80,90")));
        command.Add(Make("list", "List compiled kernels.", context, (given, session) =>
        {
            JsonObject result = EngineBinding.CacheList();
            session.Result(result, output => WriteList(result, output));
            return ExitCode.Done;
        }));
        command.Add(Make("clear", "Remove every compiled kernel.", context, (given, session) =>
        {
            JsonObject result = EngineBinding.CacheClear();
            session.Result(result, output =>
                output.WriteLine($"{result.Number("removed")} removed from {result.Text("folder")}"));
            return ExitCode.Done;
        }));
        return command;
    }

    private static int[] Architectures(string? text)
    {
        string[] parts = (text ?? "").Split(',', StringSplitOptions.TrimEntries);
        var architectures = new SortedSet<int>();
        foreach (string part in parts)
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int architecture))
            {
                throw new CodatException("the architectures cannot be read", "--arch", "numbers such as 80,90",
                    $"'{text}'");
            }
            architectures.Add(architecture);
        }
        return [.. architectures];
    }

    private static void WriteBuild(JsonObject result, TextWriter output)
    {
        foreach (JsonNode? failure in result["failed"] as JsonArray ?? [])
        {
            output.WriteLine($"{failure.Text("source")}: {failure.Text("entry")} for {failure.Number("arch")}");
            output.WriteLine(failure.Text("log"));
        }
        output.WriteLine($"{result.Number("kernels")} kernels, NVRTC {result.Text("nvrtc")}: "
            + $"{result.Number("built")} compiled, {result.Number("fromCache")} were there, "
            + $"{(result["failed"] as JsonArray)?.Count ?? 0} failed");
        output.WriteLine($"folder: {result.Text("folder")}");
    }

    private static void WriteList(JsonObject result, TextWriter output)
    {
        var table = new TextTable("source", "arch", "bytes", "file");
        foreach (JsonNode? file in result["files"] as JsonArray ?? [])
        {
            table.Add(file.Text("source"), $"{file.Number("arch")}", Numbers.Count(file.Number("bytes") ?? 0),
                Path.GetFileName(file.Text("path")));
        }
        table.Write(output);
        output.WriteLine($"{Numbers.Count(result.Number("bytes") ?? 0)} bytes in {result.Text("folder")}");
    }
}
