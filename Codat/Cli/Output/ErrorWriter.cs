using System.Text.Json;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>Writes an error: one line for a person, one object for a program.</summary>
internal static class ErrorWriter
{
    /// <summary>Writes the error and returns the exit code that goes with it.</summary>
    internal static int Write(Exception error, CliContext context, bool json, bool verbose)
    {
        ErrorParts parts = ErrorParts.Of(error);
        context.Error.WriteLine($"error: {parts.Line}");
        if (verbose) context.Error.WriteLine(error.ToString());
        if (json)
        {
            var body = new { error = new { parts.What, parts.Where, parts.Expected, parts.Found, parts.Fix } };
            context.Output.WriteLine(JsonSerializer.Serialize(body, RunJson.Line));
        }
        return parts.ExitCode;
    }
}
