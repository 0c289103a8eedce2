using Codat.Native.Data;
using Codat.Native.Interop;

namespace Codat.Native.Cli;

/// <summary>An exception as the parts of an error a person can act on.</summary>
internal sealed record ErrorParts(string What, string? Where, string? Expected, string? Found, string? Fix,
    string Line, int ExitCode)
{
    internal static ErrorParts Of(Exception error) => error switch
    {
        CodatException e => new ErrorParts(e.What, e.Where, e.Expected, e.Found, e.Fix, OneLine(e.Message),
            e.IsUsage ? Cli.ExitCode.Usage : Cli.ExitCode.Failed),
        DatasetException e => new ErrorParts(e.What, e.Where, e.Expected, e.Found, e.Fix, OneLine(e.Message),
            e.IsUsage ? Cli.ExitCode.Usage : Cli.ExitCode.Failed),
        OperationCanceledException => new ErrorParts("cancelled", null, null, null, null, "cancelled",
            Cli.ExitCode.Cancelled),
        IOException or UnauthorizedAccessException => Plain(error.Message),
        OutOfMemoryException => Plain("not enough memory: " + error.Message),
        _ => Plain($"internal error: {error.GetType().Name}: {error.Message}"),
    };

    private static ErrorParts Plain(string message)
        => new(OneLine(message), null, null, null, null, OneLine(message), Cli.ExitCode.Failed);

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}
