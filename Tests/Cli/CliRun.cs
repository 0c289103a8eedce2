using System.Text.Json;
using Codat.Native.Cli;

namespace Codat.Native.Tests;

/// <summary>A command run inside the test process, with its writers in hand.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    internal static CliRun Invoke(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var context = new CliContext(output, error, ErrorIsTerminal: false, TimeProvider.System);

        int code = CommandLine.Run(args, context, CancellationToken.None);

        return new CliRun(code, output.ToString(), error.ToString());
    }

    internal string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    internal JsonElement Json => JsonDocument.Parse(Output).RootElement;
}
