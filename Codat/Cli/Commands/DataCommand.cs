using System.CommandLine;
using System.Text.Json.Nodes;
using Codat.Native.Interop;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary><c>codat data list|fetch|verify</c></summary>
internal sealed class DataCommand : CliCommand
{
    internal override Command Build(CliContext context, CancellationToken cancellation)
    {
        var command = new Command("data", "List, fetch and verify data sets.");
        command.Add(Make("list", "List data sets and where they were found.", context, (given, session) =>
        {
            JsonObject result = EngineBinding.DataList(Read(given, []));
            session.Result(result, output => Write(result, output));
            return ExitCode.Done;
        }, Folder()));

        Argument<string[]> fetched = Names("data sets to fetch", ArgumentArity.OneOrMore);
        command.Add(Make("fetch", "Fetch data sets from their official places and check them.", context,
            (given, session) =>
            {
                IProgressView view = ProgressView.Create(session);
                JsonObject result = EngineBinding.DataFetch(Read(given, given.Words(fetched)), view, cancellation);
                session.Result(result, output => Write(result, output));
                return ExitCode.Done;
            }, fetched, Folder(), Text("mirror", "URL", "fetch from here instead of the official places")));

        Argument<string[]> verified = Names("data sets to verify; all that are found where none is named",
            ArgumentArity.ZeroOrMore);
        command.Add(Make("verify", "Check every file of data sets against its known hash.", context,
            (given, session) =>
            {
                IProgressView view = ProgressView.Create(session);
                JsonObject result = EngineBinding.DataVerify(Read(given, given.Words(verified)), view, cancellation);
                session.Result(result, output => Write(result, output));
                return ExitCode.Done;
            }, verified, Folder()));
        return command;
    }

    private static Argument<string[]> Names(string summary, ArgumentArity arity)
        => new("NAME") { Description = summary, Arity = arity };

    private static Option<string> Folder()
        => Text("data", "DIR", "folder that holds the data sets", "$CODAT_DATA, else the data folder of the user");

    private static Uri? Mirror(Given given)
    {
        if (!given.Has("mirror") || given.Text("mirror") is not string text) return null;
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && (uri.Scheme is "http" or "https")
            ? uri
            : throw new CodatException("the mirror is no address", "--mirror", "http://... or https://...", text);
    }

    private static DataOptions Read(Given given, IReadOnlyList<string> names)
    {
        foreach (string name in names) DataSetPreset.Find(name, "NAME");
        return CommonSymbols.With(
            new DataOptions { Datasets = names, Data = given.Text("data"), Mirror = Mirror(given) }, given);
    }

    // {"datasets": [{"name", "status", "path", "detail"}]}
    private static void Write(JsonObject result, TextWriter output)
    {
        var table = new TextTable("data set", "status", "where");
        foreach (JsonNode? row in result["datasets"] as JsonArray ?? [])
            table.Add(row.Text("name"), row.Text("status"), row.Text("path"));
        table.Write(output);
    }
}
