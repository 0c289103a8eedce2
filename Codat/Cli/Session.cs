using System.Text.Json;
using System.Text.Json.Nodes;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>One run of one command: its writers, and how loud it is.</summary>
internal sealed class Session(CliContext context, Given given)
{
    internal CliContext Context { get; } = context;

    internal bool Json { get; } = given.Switch("json");

    internal bool Quiet { get; } = given.Switch("quiet");

    internal bool Verbose { get; } = given.Switch("verbose");

    /// <summary>A line for a person on standard error.</summary>
    internal void Notice(string line)
    {
        if (!Quiet) Context.Error.WriteLine(line);
    }

    /// <summary>The result: one object on one line with <c>--json</c>, else text for a person.</summary>
    internal void Result(JsonNode json, Action<TextWriter> text)
    {
        if (Json) Context.Output.WriteLine(json.ToJsonString(RunJson.Line));
        else text(Context.Output);
        Context.Output.Flush();
    }

    /// <summary>The result as a record.</summary>
    internal void Result<T>(T record, Action<TextWriter> text)
        where T : class
        // A record is never JSON's null.
        => Result(JsonSerializer.SerializeToNode(record, RunJson.Line)!, text);
}
