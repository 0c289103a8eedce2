using System.Globalization;
using System.Text.Json.Nodes;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>The end of a run, for a person.</summary>
internal static class TrainText
{
    internal static void Write(TrainResult result, TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{result.Objective}: {result.Stopped} after {result.Epochs} epochs, "
            + $"{Numbers.Count(result.ImagesPerSecond)} images/s"));
        if (result.Best.Epoch > 0)
        {
            string worst = double.IsFinite(result.Best.Worst)
                ? $", worst class {Numbers.Percent(result.Best.Worst)} % robust on validation"
                : "";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"best epoch {result.Best.Epoch}{worst}"));
        }
        if (result.Validation is not null) EvalText.Write(result.Validation, output);
        if (result.Test is not null) EvalText.Write(result.Test, output);
        WriteHeadline(result.Test ?? result.Validation, output);
        output.WriteLine($"run folder: {result.Run}");
        string report = Path.Combine(result.Run, "report.html");
        if (File.Exists(report)) output.WriteLine($"report: {report}");
    }

    /// <summary>The two numbers a run is about, last, where the eye is.</summary>
    private static void WriteHeadline(JsonNode? evaluation, TextWriter output)
    {
        if ((evaluation?["attacks"] as JsonArray)?.LastOrDefault() is not { } attack) return;
        if (attack["worst"]?.GetValue<double>() is not double worst
            || attack["average"]?.GetValue<double>() is not double average)
        {
            return;
        }
        string? name = attack["worstClass"]?.GetValue<int>() is int k
            ? attack["perClass"]?[k]?["name"]?.GetValue<string>()
            : null;
        output.WriteLine($"{attack["name"]}: worst class {Numbers.Percent(worst)} % ({name}), "
            + $"average {Numbers.Percent(average)} %");
    }
}
