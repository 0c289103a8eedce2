using System.Text.RegularExpressions;

namespace Codat.Native.Interop;

/// <summary>What a kernel source says about itself: its entries, and the variants it is compiled in.</summary>
internal static partial class KernelText
{
    private const string FusedOption = "fmad";
    private const string FastOption = "fast";

    internal static string[] Entries(string text)
    {
        var entries = new List<string>();
        foreach (Match match in Entry().Matches(Comments().Replace(text, " ")))
        {
            var name = match.Groups["name"].Value;
            if (!entries.Contains(name)) entries.Add(name);
        }
        return [.. entries];
    }

    /// <summary>
    /// Each line <c>// variants: NAME=a,b OTHER=c,d</c> is every combination of its values; several lines add up.
    /// <c>fmad</c> and <c>fast</c> (true or false) are the options of those names, everything else is a define.
    /// </summary>
    internal static CompileOptions[] Variants(string text, string file)
    {
        var all = new List<CompileOptions>();
        foreach (Match match in VariantLine().Matches(text))
        {
            List<CompileOptions> line = [default];
            foreach (var part in match.Groups["list"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                var equals = part.IndexOf('=', StringComparison.Ordinal);
                if (equals <= 0) throw Unreadable(file, part);
                string[] values = part[(equals + 1)..].Split(',');
                List<CompileOptions> combined = [];
                foreach (var options in line)
                    foreach (var value in values)
                        combined.Add(With(options, part[..equals], value, file));
                line = combined;
            }
            foreach (var options in line)
                if (!all.Contains(options)) all.Add(options);
        }
        return [.. all];
    }

    private static CompileOptions With(in CompileOptions options, string name, string value, string file) => name switch
    {
        FusedOption => options with { FuseMultiplyAdd = Flag(value, file) },
        FastOption => options with { FastMath = Flag(value, file) },
        _ => options.Define(name, value),
    };

    private static bool Flag(string value, string file) =>
        bool.TryParse(value, out var flag) ? flag : throw Unreadable(file, value);

    private static CodatException Unreadable(string file, string part) =>
        new("the variants of a kernel source cannot be read", file, "NAME=value,value or fmad=true or fast=true",
            $"'{part}'", isUsage: false);

    [GeneratedRegex("""
        \b extern \s* "C" \s+ __global__ \s+ (__launch_bounds__ \s* \([^)]*\) \s*)?
        void \s+ (__launch_bounds__ \s* \([^)]*\) \s*)? (?<name>[A-Za-z_]\w*) \s* \(
        """, RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex Entry();

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Comments();

    [GeneratedRegex(@"^[ \t]*//[ \t]*variants:(?<list>[^\r\n]*)", RegexOptions.Multiline
        | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex VariantLine();
}
