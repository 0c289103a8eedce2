using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Codat.Native.Cli;

/// <summary>Numbers for people; <c>--json</c> has them in full.</summary>
internal static class Numbers
{
    /// <summary>A fraction as a percentage with one decimal.</summary>
    internal static string Percent(double? fraction)
        => fraction is double f && double.IsFinite(f)
            ? (100 * f).ToString("0.0", CultureInfo.InvariantCulture) : "-";

    /// <summary>A number with four significant digits.</summary>
    internal static string Short(double? value)
        => value is double v && double.IsFinite(v) ? v.ToString("G4", CultureInfo.InvariantCulture) : "-";

    internal static string Count(double value) => double.IsFinite(value)
        ? value.ToString("N0", CultureInfo.InvariantCulture) : "-";

    /// <summary>The number under a key, or null.</summary>
    internal static double? Number(this JsonNode? node, string key)
        => Value(node?[key]);

    /// <summary>The number a node is, whatever type it was made of, or null.</summary>
    internal static double? Value(JsonNode? node)
        => node is not null && node.GetValueKind() == JsonValueKind.Number
            ? double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture)
            : null;

    /// <summary>The text under a key, or a dash.</summary>
    internal static string Text(this JsonNode? node, string key)
        => node?[key] is JsonValue value && value.TryGetValue(out string? text) ? text : "-";
}
