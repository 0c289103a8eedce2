using System.CommandLine;
using System.Text.Json.Nodes;
using Codat.Native.Interop;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary><c>codat import</c></summary>
internal sealed class ImportCommand : CliCommand
{
    internal override Command Build(CliContext context, CancellationToken cancellation)
    {
        var input = new Argument<string>("IN") { Description = "foreign weight file (.safetensors)" };
        return Make("import", "Stamp network, classes and normalisation into a foreign weight file.", context,
            (given, session) => Run(given, session, given.Word(input)),
            [input, .. CheckpointSymbols.Foreign, Text("out", "FILE", "the file to write (.safetensors)")]);
    }

    private static int Run(Given given, Session session, string input)
    {
        (float[]? mean, float[]? std) = CheckpointSymbols.Normalisation(given);
        ImportOptions options = CommonSymbols.With(new ImportOptions
        {
            Input = input,
            Model = ModelName.Parse(given.Required("model", "NAME"), "--model"),
            Classes = CheckpointSymbols.Classes(given.Required("classes", "N"), "--classes"),
            Mean = mean,
            Std = std,
            Out = given.Required("out", "FILE"),
        }, given);
        if (Path.GetFullPath(options.Out) == Path.GetFullPath(options.Input))
        {
            throw new CodatException("input and output are the same file", "--out", "another file", options.Out,
                "give another --out");
        }
        JsonObject result = EngineBinding.Import(options);
        session.Result(result, output => output.WriteLine($"written to {options.Out}"));
        return ExitCode.Done;
    }
}
