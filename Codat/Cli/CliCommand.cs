using System.CommandLine;

namespace Codat.Native.Cli;

/// <summary>A command: what it understands and what it does.</summary>
internal abstract class CliCommand
{
    /// <summary>The command for a parser.</summary>
    internal abstract Command Build(CliContext context, CancellationToken cancellation);

    /// <summary>A command that runs <paramref name="run"/>.</summary>
    protected static Command Make(string name, string summary, CliContext context,
        Func<Given, Session, int> run, params ReadOnlySpan<Symbol> symbols)
    {
        var command = new Command(name, summary);
        foreach (Symbol symbol in symbols)
        {
            if (symbol is Argument argument) command.Add(argument);
            else if (symbol is Option option) command.Add(option);
        }
        command.SetAction(result =>
        {
            var given = new Given(result);
            CommonSymbols.Check(given);
            return run(given, new Session(context, given));
        });
        return command;
    }

    /// <summary>An option with a value.</summary>
    protected static Option<string> Text(string name, string value, string summary, string? fallback = null)
        => new("--" + name)
        {
            HelpName = value,
            Description = fallback is null ? summary : $"{summary} [default: {fallback}]",
            Arity = ArgumentArity.ExactlyOne,
        };

    /// <summary>An option that may be given again and again; its values come joined by commas.</summary>
    protected static Option<string> Repeated(string name, string value, string summary, string? fallback = null)
    {
        Option<string> option = Text(name, value, summary, fallback);
        option.Arity = ArgumentArity.OneOrMore;
        option.CustomParser = result => string.Join(',', result.Tokens.Select(token => token.Value));
        return option;
    }

    /// <summary>A switch.</summary>
    protected static Option<bool> Switch(string name, string summary) => new("--" + name) { Description = summary };
}
