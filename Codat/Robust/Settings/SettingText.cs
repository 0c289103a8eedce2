using System.Globalization;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Exact, culture-free parsing of setting values; every refusal names the place the text came from.</summary>
internal static class SettingText
{
    /// <summary>The word for "no value" of limits and other settings that can be switched off.</summary>
    internal const string Off = "off";

    private const NumberStyles RealStyle =
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    internal static bool TryReal(ReadOnlySpan<char> text, out double value)
        => double.TryParse(text, RealStyle, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    internal static bool TryInteger(ReadOnlySpan<char> text, out int value)
        => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    /// <summary>A finite number accepted by <paramref name="accept"/>.</summary>
    internal static double Real(string text, string where, string expected, Predicate<double> accept)
        => TryReal(text, out double value) && accept(value) ? value : throw Bad(text, where, expected);

    /// <summary>A whole number from <paramref name="min"/> to <paramref name="max"/>.</summary>
    internal static int Integer(string text, string where, int min, int max = int.MaxValue)
    {
        if (TryInteger(text, out int value) && value >= min && value <= max) return value;
        string range = max == int.MaxValue
            ? string.Create(CultureInfo.InvariantCulture, $"a whole number of at least {min}")
            : string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}");
        throw Bad(text, where, range);
    }

    /// <summary>
    /// A seed: a whole number from 0 to 2^63 - 1, so that it fits the signed integers of other programs.
    /// </summary>
    internal static ulong Seed(string text, string where)
        => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)
            && value <= long.MaxValue
            ? value
            : throw Bad(text, where, "a whole number from 0 to 9223372036854775807");

    internal static bool Boolean(string text, string where) => text switch
    {
        "true" => true,
        "false" => false,
        _ => throw Bad(text, where, "true or false"),
    };

    /// <summary>A whole number of at least 1, or null for <c>off</c>.</summary>
    internal static int? Limit(string text, string where)
    {
        if (text == Off) return null;
        return TryInteger(text, out int value) && value >= 1
            ? value
            : throw Bad(text, where, "a whole number of at least 1, or off");
    }

    internal static string Print(int? limit) => limit is int value ? Print(value) : Off;

    internal static string Print(int value) => value.ToString(CultureInfo.InvariantCulture);

    internal static string Print(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    internal static CodatException Bad(string text, string where, string expected, string? fix = null)
        => new("this value is not allowed", where, expected, $"'{text}'", fix);
}
