using Spectre.Console;

namespace Codat.Native.Cli;

/// <summary>A Spectre console over a writer that is known to be a terminal.</summary>
internal static class TerminalConsole
{
    // Detection would look at standard output; what counts here is standard error, which was looked at already.
    internal static IAnsiConsole Create(TextWriter terminal) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = AnsiSupport.Yes,
        Interactive = InteractionSupport.Yes,
        ColorSystem = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 }
            ? ColorSystemSupport.NoColors
            : ColorSystemSupport.Detect,
        Out = new AnsiConsoleOutput(terminal),
    });
}
