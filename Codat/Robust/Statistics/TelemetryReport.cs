using System.Text.Json;

namespace Codat.Native.Robust;

/// <summary>Writes what attacks saw as JSON: <c>telemetry</c> and <c>change</c> of an attack's row.</summary>
internal static class TelemetryReport
{
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<PartTelemetry> parts)
    {
        writer.WriteStartArray("telemetry");
        foreach (var part in parts)
        {
            writer.WriteStartObject();
            writer.WriteString("part", part.Part);
            writer.WriteStartArray("steps");
            foreach (var step in part.Steps) writer.WriteNumberValue(step);
            writer.WriteEndArray();
            writer.WriteStartObject("all");
            Write(writer, part.All);
            writer.WriteEndObject();
            writer.WriteStartArray("perClass");
            for (var k = 0; k < part.PerClass.Count; k++)
            {
                writer.WriteStartObject();
                writer.WriteNumber("class", k);
                Write(writer, part.PerClass[k]);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter writer, ChangeAudit change)
    {
        writer.WriteStartObject("change");
        writer.WriteFinite("most", change.Most);
        writer.WriteFinite("mostRounded", change.MostRounded);
        writer.WriteNumber("outside", change.Outside);
        writer.WriteNumber("outsideRounded", change.OutsideRounded);
        writer.WriteNumber("broken", change.Broken);
        writer.WriteNumber("brokenRounded", change.BrokenRounded);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, StepCurves curves)
    {
        Write(writer, "looks", curves.Looks);
        Write(writer, "lossGain", curves.LossGain);
        Write(writer, "firstSuccess", curves.FirstSuccess);
        Write(writer, "atBound", curves.AtBound);
        Write(writer, "zeroGradients", curves.ZeroGradients);
        Write(writer, "badGradients", curves.BadGradients);
        Write(writer, "signFlips", curves.SignFlips);
    }

    private static void Write(Utf8JsonWriter writer, string name, IReadOnlyList<long> counts)
    {
        writer.WriteStartArray(name);
        foreach (var count in counts) writer.WriteNumberValue(count);
        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, string name, IReadOnlyList<double>? values)
    {
        if (values is null) writer.WriteNull(name);
        else writer.WriteArray(name, [.. values]);
    }
}
