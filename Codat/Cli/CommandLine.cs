using System.CommandLine;
using System.CommandLine.Invocation;
using Codat.Native.Interop;

namespace Codat.Native.Cli;

/// <summary>From arguments to an exit code.</summary>
internal static class CommandLine
{
    /// <summary>Parses, runs, and turns whatever goes wrong into one line and an exit code.</summary>
    internal static int Run(IReadOnlyList<string> args, CliContext context, CancellationToken cancellation)
    {
        // Known before parsing ends, so that errors of parsing are written the same way.
        bool json = args.Contains("--json");
        bool verbose = args.Contains("--verbose");
        try
        {
            RootCommand root = CommandTree.Build(context, cancellation);
            ParseResult result = root.Parse(args, new ParserConfiguration
            {
                EnablePosixBundling = false,
                // A value that begins with @ is a value.
                ResponseFileTokenReplacer = null,
            });
            if (result.Action is null or ParseErrorAction) throw ParseFailure.Of(result);
            return result.Invoke(new InvocationConfiguration
            {
                Output = context.Output,
                Error = context.Error,
                EnableDefaultExceptionHandler = false,
                // Signals are ours.
                ProcessTerminationTimeout = null,
            });
        }
#pragma warning disable CA1031 // The outermost boundary: every failure becomes a line and an exit code here.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return ErrorWriter.Write(error, context, json, verbose);
        }
        finally
        {
            if (CubinCache.TakeRefusal() is { } note && !args.Contains("--quiet")) context.Error.WriteLine(note);
            context.Output.Flush();
            context.Error.Flush();
        }
    }
}
