using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Codat.Native.Robust;

/// <summary>
/// Compiles an interpolated string into markup: literals as they are, text escaped for element and attribute content
/// alike, numbers in the invariant culture with at most two decimals (coordinates).
/// </summary>
[InterpolatedStringHandler]
internal readonly ref struct HtmlInterpolation
{
    private readonly StringBuilder _buffer;

    public HtmlInterpolation(int literalLength, int holes) => _buffer = new StringBuilder(literalLength + 16 * holes);

    public HtmlInterpolation(int literalLength, int holes, HtmlBuilder builder)
    {
        _buffer = builder.Buffer;
        _buffer.EnsureCapacity(_buffer.Length + literalLength + 16 * holes);
    }

    public void AppendLiteral(string literal) => _buffer.Append(literal);

    public void AppendFormatted(Html markup) => _buffer.Append(markup.Markup);

    public void AppendFormatted(int number) => _buffer.Append(CultureInfo.InvariantCulture, $"{number}");

    public void AppendFormatted(double number)
    {
        // A coordinate that is no number would make the whole figure invalid; the figures filter such points before.
        var finite = double.IsFinite(number) ? Math.Round(number, 2, MidpointRounding.AwayFromZero) : 0;
        _buffer.Append((finite + 0.0).ToString("0.##", CultureInfo.InvariantCulture));
    }

    public void AppendFormatted(string? text)
    {
        foreach (var c in text ?? "")
        {
            switch (c)
            {
                case '&': _buffer.Append("&amp;"); break;
                case '<': _buffer.Append("&lt;"); break;
                case '>': _buffer.Append("&gt;"); break;
                case '"': _buffer.Append("&quot;"); break;
                case '\'': _buffer.Append("&#39;"); break;
                default: _buffer.Append(IsPrintable(c) ? c : '\uFFFD'); break;
            }
        }
    }

    internal Html ToHtml() => new(_buffer.ToString());

    // Control characters are errors in HTML, and direction overrides let a name change how its neighbours read.
    private static bool IsPrintable(char c) =>
        c is '\n' or '\t' || !(char.IsControl(c) || IsOverride(c));

    private static bool IsOverride(char c) => c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
