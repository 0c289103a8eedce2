using System.Globalization;
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
        output.WriteLine($"run folder: {result.Run}");
    }
}
