using System.CommandLine;
using System.CommandLine.Parsing;
using Codat.Native.Interop;

namespace Codat.Native.Cli;

/// <summary>Turns what the parser found into an error like all others.</summary>
internal static class ParseFailure
{
    internal static CodatException Of(ParseResult result)
    {
        string command = PathOf(result.CommandResult);
        string fix = $"see {command} --help";
        if (result.UnmatchedTokens.Count > 0 && result.CommandResult.Command is RootCommand or { Subcommands.Count: > 0 })
        {
            return new CodatException("unknown command or argument", command, Names(result.CommandResult.Command),
                $"'{result.UnmatchedTokens[0]}'", fix);
        }
        if (result.UnmatchedTokens.Count > 0)
        {
            string token = result.UnmatchedTokens[0];
            return token.StartsWith('-')
                ? new CodatException("unknown option", token, $"an option of {command}", fix: fix)
                : new CodatException("unexpected argument", command, found: $"'{token}'", fix: fix);
        }
        if (result.CommandResult.Command.Subcommands.Count > 0)
            return new CodatException("a command is missing", command, Names(result.CommandResult.Command), fix: fix);
        ParseError? error = result.Errors.Count > 0 ? result.Errors[0] : null;
        return new CodatException((error?.Message ?? "the command line cannot be read").TrimEnd('.'),
            (error?.SymbolResult as OptionResult)?.Option.Name ?? command, fix: fix);
    }

    private static string Names(Command command)
        => string.Join(", ", command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name));

    private static string PathOf(CommandResult result)
        => result.Parent is CommandResult parent ? $"{PathOf(parent)} {result.Command.Name}" : "codat";
}
