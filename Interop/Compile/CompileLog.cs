using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Codat.Native.Interop;

/// <summary>Reads a compiler's log, and shows the lines its errors are about.</summary>
internal static partial class CompileLog
{
    private const int Context = 2;
    private const int MaxExcerpts = 5;

    /// <summary>The errors and warnings of a log, in order.</summary>
    /// <remarks>Both <c>file(line): error: text</c> and <c>file:line:column: error: text</c> are understood.</remarks>
    internal static CompileMessage[] Parse(string log)
    {
        var messages = new List<CompileMessage>();
        foreach (Match match in Message().Matches(log))
        {
            var number = match.Groups["line"].Success ? match.Groups["line"] : match.Groups["at"];
            var file = match.Groups["file"].Success ? match.Groups["file"].Value : match.Groups["path"].Value;
            messages.Add(new CompileMessage(file.Trim(),
                number.Success ? int.Parse(number.ValueSpan, CultureInfo.InvariantCulture) : 0,
                match.Groups["kind"].Value == "error", match.Groups["text"].Value.Trim()));
        }
        return [.. messages];
    }

    /// <summary>Numbered source lines around each error, the line itself marked with <c>&gt;</c>.</summary>
    internal static string Excerpt(IEnumerable<CompileMessage> messages, Func<string, string[]> linesOf)
    {
        var text = new StringBuilder();
        var shown = 0;
        foreach (var message in messages)
        {
            if (!message.IsError || message.Line == 0) continue;
            var lines = linesOf(message.File);
            if (message.Line > lines.Length) continue;
            if (shown++ == MaxExcerpts) break;
            text.Append(CultureInfo.InvariantCulture, $"{message.File}:{message.Line}: {message.Text}\n");
            var last = Math.Min(lines.Length, message.Line + Context);
            for (var number = Math.Max(1, message.Line - Context); number <= last; number++)
            {
                var mark = number == message.Line ? '>' : ' ';
                text.Append(CultureInfo.InvariantCulture, $"{mark}{number,5} | {lines[number - 1]}\n");
            }
        }
        return text.ToString();
    }

    // Codes like "warning #177-D" stand between the kind and its colon.
    [GeneratedRegex("""
        ^((?<file>[^\s(:][^(\r\n]*)\((?<line>\d+)\):\s* | (?<path>[^\s:][^:\r\n]*):(?<at>\d+):(\d+:)?\s* | nvrtc:\s* )
        ((catastrophic|fatal)\s)? (?<kind>error|warning) [^:\r\n]* : (?<text>[^\r\n]*)
        """, RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace
        | RegexOptions.CultureInvariant)]
    private static partial Regex Message();
}
