using System.Text;
using System.Text.RegularExpressions;

namespace Codat.Native.Interop;

/// <summary>Finds the headers of a source, and theirs.</summary>
internal static partial class KernelIncludes
{
    /// <summary>Every header reached by <c>#include "..."</c>, in the order of first mention.</summary>
    internal static KernelHeader[] Collect(string file, byte[] text, Func<string, byte[]?> read)
    {
        var found = new List<KernelHeader>();
        Visit(file, text);
        return [.. found];

        void Visit(string from, byte[] bytes)
        {
            foreach (Match match in Include().Matches(Encoding.UTF8.GetString(bytes)))
            {
                var name = match.Groups["name"].Value;
                if (found.Exists(header => header.Name == name)) continue;
                var header = read(name)
                    ?? throw new CodatException("a kernel includes a header that is not embedded", from, found: name,
                        fix: "put it beside the source as a .cuh file", isUsage: false);
                found.Add(new KernelHeader(name, header));
                Visit(name, header);
            }
        }
    }

    [GeneratedRegex("""^[ \t]*\#[ \t]*include[ \t]*"(?<name>[^"\r\n]+)" """, RegexOptions.Multiline
        | RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex Include();
}
