using System.Globalization;

namespace Codat.Native.Robust;

/// <summary>Numbers as a person reads them, always in the invariant culture; a dash where there is no number.</summary>
internal static class ReportFormat
{
    /// <summary>What stands where there is no number.</summary>
    public const string None = "–";

    private const string NarrowSpace = "\u202F";

    /// <summary>A count with thousands separated.</summary>
    public static string Count(double value) =>
        double.IsFinite(value) ? value.ToString("#,0", CultureInfo.InvariantCulture) : None;

    /// <summary>A fraction as a percentage with one decimal and its sign.</summary>
    public static string Percent(double value) => double.IsFinite(value) ? Points(value) + NarrowSpace + "%" : None;

    /// <summary>A fraction as a percentage with one decimal, without the sign.</summary>
    public static string Points(double value) => double.IsFinite(value) ? Fixed(value * 100, 1) : None;

    /// <summary>A share as a whole percentage; small ones keep a decimal.</summary>
    public static string Share(double value)
    {
        if (!double.IsFinite(value)) return None;
        return Fixed(value * 100, Math.Abs(value) is > 0 and < 0.01 ? 1 : 0) + NarrowSpace + "%";
    }

    /// <summary>An interval of fractions, in percent.</summary>
    public static string Interval(double low, double high) => double.IsFinite(low) && double.IsFinite(high)
        ? Points(low) + "–" + Points(high)
        : None;

    /// <summary>A number with the given decimals and a true minus sign.</summary>
    public static string Fixed(double value, int decimals)
    {
        if (!double.IsFinite(value)) return None;
        var text = Math.Round(value, decimals, MidpointRounding.AwayFromZero)
            .ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        if (!text.StartsWith('-')) return text;
        return text.AsSpan().ContainsAnyInRange('1', '9') ? "\u2212" + text[1..] : text[1..];
    }

    /// <summary>A number with about three significant digits.</summary>
    public static string Short(double value)
    {
        if (!double.IsFinite(value)) return None;
        var size = Math.Abs(value);
        if (size == 0) return "0";
        if (size is < 1e-3 or >= 1e6) return value.ToString("0.##e0", CultureInfo.InvariantCulture)
            .Replace('-', '\u2212');
        return Fixed(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
    }

    /// <summary>A factor, as in "2.3 ×".</summary>
    public static string Times(double value) => double.IsFinite(value) ? Fixed(value, 2) + NarrowSpace + "×" : None;

    /// <summary>A duration, in the unit a person would choose.</summary>
    public static string Duration(double seconds)
    {
        if (!double.IsFinite(seconds)) return None;
        if (seconds < 60) return Fixed(seconds, seconds < 10 ? 1 : 0) + NarrowSpace + "s";
        var whole = TimeSpan.FromSeconds(Math.Round(seconds));
        return whole.TotalHours >= 1
            ? Count((long)whole.TotalHours) + NarrowSpace + "h " + Count(whole.Minutes) + NarrowSpace + "min"
            : Count(whole.Minutes) + NarrowSpace + "min " + Count(whole.Seconds) + NarrowSpace + "s";
    }

    /// <summary>A size in binary units.</summary>
    public static string Bytes(double bytes)
    {
        if (!double.IsFinite(bytes)) return None;
        return bytes >= 1L << 30 ? Fixed(bytes / (1L << 30), 2) + NarrowSpace + "GiB"
            : bytes >= 1L << 20 ? Fixed(bytes / (1L << 20), 1) + NarrowSpace + "MiB"
            : Fixed(bytes / 1024, 1) + NarrowSpace + "KiB";
    }

    /// <summary>The name of a class that has none.</summary>
    public static string ClassName(int index) => "class " + index.ToString(CultureInfo.InvariantCulture);

    /// <summary>Names in a sentence: "a", "a and b", "a, b and c".</summary>
    public static string Join(IReadOnlyList<string> names) => names.Count switch
    {
        0 => "",
        1 => names[0],
        _ => string.Join(", ", names.Take(names.Count - 1)) + " and " + names[^1],
    };
}
