using System.CommandLine;
using System.Globalization;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>Options of commands that read a weight file, and of those that describe a foreign one.</summary>
internal static class CheckpointSymbols
{
    internal static Option[] Foreign =>
    [
        Text("model", "NAME", "network of a foreign file: " + ModelName.Names),
        Text("classes", "N", "number of classes of a foreign file"),
        Text("mean", "LIST", "mean of each channel a foreign network expects [default: no normalisation]"),
        Text("std", "LIST", "deviation of each channel a foreign network expects [default: no normalisation]"),
    ];

    internal static Option[] All =>
    [
        Text("checkpoint", "FILE", "weight file (.safetensors)"),
        .. Foreign,
        Text("batch", "N", "images computed at once; does not change results"),
    ];

    internal static int Classes(string text, string where) => SettingText.Integer(text, where, 2);

    internal static int Positive(string text, string where) => SettingText.Integer(text, where, 1);

    /// <summary>Mean and deviation: both or none, one number for each channel.</summary>
    internal static (float[]? Mean, float[]? Std) Normalisation(Given given)
    {
        float[]? mean = Vector(given, "mean", -1000), std = Vector(given, "std", double.Epsilon);
        if (mean?.Length != std?.Length)
        {
            string found = string.Create(CultureInfo.InvariantCulture,
                $"{mean?.Length ?? 0} means and {std?.Length ?? 0} deviations");
            throw SettingText.Bad(found, mean is null ? "--std" : "--mean", "--mean and --std of the same length");
        }
        return (mean, std);
    }

    private static float[]? Vector(Given given, string name, double min)
    {
        if (given.Text(name) is not string text) return null;
        double[] values = VectorText.Parse(text, "--" + name);
        foreach (double value in values)
        {
            if (value < min) throw SettingText.Bad(text, "--" + name, name == "std" ? "numbers above 0" : "numbers");
        }
        return Array.ConvertAll(values, value => (float)value);
    }

    private static Option<string> Text(string name, string value, string summary)
        => new("--" + name) { HelpName = value, Description = summary, Arity = ArgumentArity.ExactlyOne };
}
