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
        bool hasSubcommands = result.CommandResult.Command.Subcommands.Count > 0;
        if (result.UnmatchedTokens.Count > 0 && hasSubcommands)
        {
            return new CodatException("unknown command or argument", command, Names(result.CommandResult.Command),
                $"'{result.UnmatchedTokens[0]}'", fix);
        }
        if (result.UnmatchedTokens.Count > 0)
        {
            string token = result.UnmatchedTokens[0];
            return token.StartsWith('-')
                ? new CodatException("unknown option", token, $"an option of {command}",
                    fix: Nearest(token, result.CommandResult) is string near ? $"did you mean {near}?" : fix)
                : new CodatException("unexpected argument", command, found: $"'{token}'", fix: fix);
        }
        if (hasSubcommands)
            return new CodatException("a command is missing", command, Names(result.CommandResult.Command), fix: fix);
        ParseError? error = result.Errors.Count > 0 ? result.Errors[0] : null;
        return new CodatException((error?.Message ?? "the command line cannot be read").TrimEnd('.'),
            (error?.SymbolResult as OptionResult)?.Option.Name ?? command, fix: fix);
    }

    private static string Names(Command command)
        => string.Join(", ", command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name));

    // One slip of the finger, or two in a long name.
    private static string? Nearest(string token, CommandResult result)
    {
        string? best = null;
        int bestDistance = Math.Min(2, (token.Length - 2) / 3);
        for (CommandResult? at = result; at is not null; at = at.Parent as CommandResult)
        {
            foreach (Option option in at.Command.Options)
            {
                if (option.Hidden || (at != result && !option.Recursive)) continue;
                int distance = Distance(token, option.Name);
                if (distance > bestDistance || (best is not null && distance == bestDistance)) continue;
                (best, bestDistance) = (option.Name, distance);
            }
        }
        return best;
    }

    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitution, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[^1];
    }

    private static string PathOf(CommandResult result)
        => result.Parent is CommandResult parent ? $"{PathOf(parent)} {result.Command.Name}" : "codat";
}
