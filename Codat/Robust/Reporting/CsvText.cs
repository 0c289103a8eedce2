using System.Globalization;

namespace Codat.Native.Robust;

/// <summary>Cells of a CSV file: numbers that read back to the same bits, text in quotes where it needs them.</summary>
internal static class CsvText
{
    /// <summary>A number; empty for not-a-number.</summary>
    public static string Cell(double value) =>
        double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "";

    /// <summary>Text.</summary>
    public static string Quote(string text) => text.AsSpan().ContainsAny(",\"\n\r")
        ? "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : text;
}
