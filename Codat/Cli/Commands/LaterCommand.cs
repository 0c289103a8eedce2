using System.CommandLine;
using Codat.Native.Interop;

namespace Codat.Native.Cli;

/// <summary>A command of a later version: refused by its name, not shown in help.</summary>
internal sealed class LaterCommand(string name) : CliCommand
{
    internal override Command Build(CliContext context, CancellationToken cancellation)
    {
        var command = new Command(name) { Hidden = true, TreatUnmatchedTokensAsErrors = false };
        command.SetAction(new Func<ParseResult, int>(_ =>
            throw new CodatException($"codat {name} is not in this version", fix: "see codat --help")));
        return command;
    }
}
