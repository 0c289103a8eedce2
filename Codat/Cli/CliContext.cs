using System.Text;

namespace Codat.Native.Cli;

/// <summary>Where a command writes to, and what is at the other end.</summary>
/// <param name="Output">Standard output: results.</param>
/// <param name="Error">Standard error: everything else.</param>
/// <param name="ErrorIsTerminal">Whether standard error takes colours and cursor moves.</param>
/// <param name="Time">The clock.</param>
internal sealed record CliContext(TextWriter Output, TextWriter Error, bool ErrorIsTerminal, TimeProvider Time)
{
    /// <summary>The context of this process.</summary>
    internal static CliContext OfProcess()
    {
        // Files and pipes get UTF-8 without a byte-order mark on every system.
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        if (Console.OutputEncoding.CodePage != utf8.CodePage) Console.OutputEncoding = utf8;
        bool dumb = Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb" && !OperatingSystem.IsWindows();
        return new CliContext(Console.Out, Console.Error, !Console.IsErrorRedirected && !dumb, TimeProvider.System);
    }
}
