using System.Text.Json;

namespace Codat.Native.Robust;

/// <summary>Writes evaluations as the JSON object of <c>codat eval</c>; not-a-number becomes null.</summary>
public static class EvalReport
{
    /// <summary>The result as one line of JSON; numbers read back to the same bits.</summary>
    public static string ToJson(EvalResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return JsonNumbers.ToText(writer => Write(writer, result));
    }

    /// <summary>Writes the result as a JSON object.</summary>
    public static void Write(Utf8JsonWriter writer, EvalResult result)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(result);
        writer.WriteStartObject();
        writer.WriteString("checkpoint", result.Checkpoint);
        writer.WriteString("dataset", result.Dataset);
        writer.WriteString("split", result.Split);
        writer.WriteNumber("n", result.N);
        writer.WriteString("imagesHash", result.ImagesHash);
        writer.WriteString("evidence", result.Evidence);
        if (result.Surrogate is { } surrogate) writer.WriteString("surrogate", surrogate);
        writer.WriteString("norm", result.Norm);
        writer.WriteFinite("eps", result.Eps);
        writer.WriteString("epsText", result.EpsText);
        writer.WriteNumber("seed", result.Seed);
        writer.WriteStartArray("attacks");
        foreach (var attack in result.Attacks) Write(writer, attack);
        writer.WriteEndArray();
        if (result.Decision is { } decision) Write(writer, decision);
        if (result.Checks.Count > 0) Write(writer, result.Checks);
        writer.WriteFinite("seconds", result.Seconds);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, Decision decision)
    {
        writer.WriteString("claim", decision.Claim.Text);
        if (decision.Decided is { } decided) writer.WriteBoolean("decided", decided);
        else writer.WriteNull("decided");
        writer.WriteArray("lower", [.. decision.Lower]);
        writer.WriteArray("upper", [.. decision.Upper]);
    }

    private static void Write(Utf8JsonWriter writer, IReadOnlyList<CheckResult> checks)
    {
        writer.WriteString("verdict", CheckResult.Sum(checks));
        writer.WriteStartArray("checks");
        foreach (var check in checks)
        {
            writer.WriteStartObject();
            writer.WriteString("name", check.Name);
            writer.WriteString("verdict", Name(check.Verdict));
            writer.WriteString("detail", check.Detail);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static string Name(CheckVerdict verdict) => verdict switch
    {
        CheckVerdict.Pass => "pass",
        CheckVerdict.Warn => "warn",
        _ => "fail",
    };

    private static void Write(Utf8JsonWriter writer, AttackResult attack)
    {
        var accuracy = attack.Accuracy;
        writer.WriteStartObject();
        writer.WriteString("name", attack.Name);
        writer.WriteFinite("step", attack.Step ?? double.NaN);
        writer.WriteOptional("restarts", attack.Restarts);
        writer.WriteFinite("average", accuracy.Average);
        writer.WriteFinite("macro", accuracy.Macro);
        writer.WriteFinite("worst", accuracy.Worst);
        writer.WriteOptional("worstClass", accuracy.WorstClass);
        writer.WriteFinite("std", accuracy.Std);
        writer.WriteFinite("spread", accuracy.Spread);
        writer.WriteFinite("worstLow", accuracy.WorstBound.Low);
        writer.WriteFinite("worstHigh", accuracy.WorstBound.High);
        writer.WriteFinite("rho", attack.Baseline?.Rho ?? double.NaN);
        writer.WriteFinite("elasticity", attack.Baseline?.Elasticity ?? double.NaN);
        writer.WriteStartArray("perClass");
        foreach (var row in accuracy.PerClass) Write(writer, row);
        writer.WriteEndArray();
        if (attack.Flow is { } flow) WriteFlow(writer, flow, accuracy.PerClass.Count);
        if (attack.Telemetry is { } telemetry) TelemetryReport.Write(writer, telemetry);
        if (attack.Change is { } change) TelemetryReport.Write(writer, change);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ClassResult row)
    {
        writer.WriteStartObject();
        writer.WriteNumber("class", row.Class);
        writer.WriteString("name", row.Name);
        writer.WriteNumber("n", row.N);
        writer.WriteNumber("correct", row.Correct);
        writer.WriteFinite("accuracy", row.Accuracy);
        writer.WriteFinite("low", row.Low);
        writer.WriteFinite("high", row.High);
        writer.WriteFinite("risk", row.Risk);
        writer.WriteEndObject();
    }

    private static void WriteFlow(Utf8JsonWriter writer, long[] flow, int classes)
    {
        if (flow.Length != classes * classes)
            throw new ArgumentException($"A flow of {flow.Length} counts for {classes} classes.", nameof(flow));
        writer.WriteStartArray("flow");
        for (var row = 0; row < classes; row++)
        {
            writer.WriteStartArray();
            for (var column = 0; column < classes; column++) writer.WriteNumberValue(flow[row * classes + column]);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }
}
