using System.CommandLine;
using System.CommandLine.Parsing;
using Codat.Native.Interop;

namespace Codat.Native.Cli;

/// <summary>What was typed, by the names of options without dashes.</summary>
internal sealed class Given(ParseResult result)
{
    /// <summary>True where the option was typed.</summary>
    internal bool Has(string name) => Find(name) is not null;

    /// <summary>The text of an option, or null.</summary>
    internal string? Text(string name) => Find(name)?.GetValueOrDefault<string>();

    /// <summary>True where the switch was typed, unless typed as false.</summary>
    internal bool Switch(string name) => Find(name)?.GetValueOrDefault<bool>() ?? false;

    /// <summary>The text of an option that must be typed.</summary>
    /// <exception cref="CodatException">It was not.</exception>
    internal string Required(string name, string expected)
        => Text(name) is { Length: > 0 } text
            ? text
            : throw new CodatException("a required option is missing", "--" + name, expected,
                fix: $"add --{name} {expected}");

    /// <summary>The parsed value of an option, or a fallback.</summary>
    internal T Read<T>(string name, Func<string, string, T> parse, T fallback)
        => Text(name) is string text ? parse(text, "--" + name) : fallback;

    /// <summary>The parsed value of an option, or null.</summary>
    internal T? ReadOrNull<T>(string name, Func<string, string, T> parse)
        where T : struct
        => Text(name) is string text ? parse(text, "--" + name) : null;

    /// <summary>The words that are no options.</summary>
    internal IReadOnlyList<string> Words(Argument<string[]> argument) => result.GetValue(argument) ?? [];

    /// <summary>A word that is no option and must be there.</summary>
    internal string Word(Argument<string> argument) => result.GetRequiredValue(argument);

    private OptionResult? Find(string name)
        => result.GetResult("--" + name) is OptionResult { Implicit: false } found ? found : null;
}
