using System.CommandLine;
using System.Text.Json.Nodes;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary><c>codat export</c></summary>
internal sealed class ExportCommand : CliCommand
{
    internal override Command Build(CliContext context, CancellationToken cancellation)
        => Make("export", "Write weights as safetensors in PyTorch's names and order.", context, Run,
            Text("checkpoint", "FILE", "weight file (.safetensors)"),
            Text("out", "FILE", "the file to write (.safetensors)"),
            Switch("kit", "write OUT_check.py too, which measures the network again in PyTorch"));

    private static int Run(Given given, Session session)
    {
        ExportOptions options = CommonSymbols.With(new ExportOptions
        {
            Checkpoint = given.Required("checkpoint", "FILE"),
            Out = given.Required("out", "FILE"),
            Kit = given.Switch("kit"),
        }, given);
        JsonObject result = EngineBinding.Export(options);
        session.Result(result, output =>
        {
            output.WriteLine($"written to {options.Out}");
            if (options.Kit) output.WriteLine($"re-check with: python3 {result.Text("check")} --data DIR");
        });
        return ExitCode.Done;
    }
}
