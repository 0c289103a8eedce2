using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Codat.Native.Robust;

/// <summary>How records become JSON: camel-case keys, round-trippable numbers, null for what is not a number.</summary>
internal static class RunJson
{
    /// <summary>One object on one line.</summary>
    internal static readonly JsonSerializerOptions Line = Create(indented: false);

    /// <summary>An object people read.</summary>
    internal static readonly JsonSerializerOptions Indented = Create(indented: true);

    private static JsonSerializerOptions Create(bool indented) => new()
    {
        WriteIndented = indented,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new FiniteNumberConverter() },
        // Keys may be added by later versions; a file of one is still readable here.
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    };

    private sealed class FiniteNumberConverter : JsonConverter<double>
    {
        public override bool HandleNull => true;

        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            => reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value)) writer.WriteNumberValue(value);
            else writer.WriteNullValue();
        }
    }
}
