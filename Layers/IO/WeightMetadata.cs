using System.Globalization;
using System.Text.Json;
using Codat.Native.Interop;

namespace Codat.Native.Layers;

/// <summary>A network's structure as strings of a weight file's metadata, and back.</summary>
internal static class WeightMetadata
{
    public const string Model = "codat.model";
    public const string Classes = "codat.classes";
    public const string Height = "codat.height";
    public const string Width = "codat.width";
    public const string Channels = "codat.channels";
    public const string Mean = "codat.mean";
    public const string Std = "codat.std";
    public const string FinalBatchNorm = "codat.final_batch_norm";
    public const string ClassNames = "codat.class_names";

    private static readonly string[] s_own =
        [Model, Classes, Height, Width, Channels, Mean, Std, FinalBatchNorm, ClassNames];

    /// <summary>True for a key that is written from the network itself.</summary>
    public static bool IsOwn(string key) => Array.IndexOf(s_own, key) >= 0;

    /// <summary>Writes a network's structure.</summary>
    public static void Write(NetworkSpec spec, SafeTensorsWriter writer)
    {
        writer.SetMetadata(Model, spec.Model);
        writer.SetMetadata(Classes, Text(spec.Classes));
        writer.SetMetadata(Height, Text(spec.Height));
        writer.SetMetadata(Width, Text(spec.Width));
        writer.SetMetadata(Channels, Text(spec.Channels));
        // Shortest digits that read back to the same float.
        writer.SetMetadata(Mean, JsonSerializer.Serialize(spec.Mean));
        writer.SetMetadata(Std, JsonSerializer.Serialize(spec.Std));
        if (!spec.FinalBatchNorm) writer.SetMetadata(FinalBatchNorm, "false");
    }

    /// <summary>Reads a network's structure; null where the file has none.</summary>
    /// <exception cref="CodatException">A value is missing or is not what it should be; the message names
    /// it.</exception>
    public static NetworkSpec? Read(IReadOnlyDictionary<string, string> metadata, string path)
    {
        if (!metadata.TryGetValue(Model, out var model)) return null;
        var channels = Integer(metadata, path, Channels);
        var spec = new NetworkSpec(model, Integer(metadata, path, Height), Integer(metadata, path, Width), channels,
            Integer(metadata, path, Classes));
        return spec with
        {
            Mean = metadata.ContainsKey(Mean) ? List<float[]>(metadata, path, Mean) : spec.Mean,
            Std = metadata.ContainsKey(Std) ? List<float[]>(metadata, path, Std) : spec.Std,
            FinalBatchNorm = !metadata.TryGetValue(FinalBatchNorm, out var text) || text != "false",
        };
    }

    /// <summary>Reads the names of the classes; null where the file has none.</summary>
    /// <exception cref="CodatException">The value is not a list of as many names as classes.</exception>
    public static IReadOnlyList<string>? ReadClassNames(
        IReadOnlyDictionary<string, string> metadata, string path, int classes)
    {
        if (!metadata.ContainsKey(ClassNames)) return null;
        var names = List<string[]>(metadata, path, ClassNames);
        return names.Length == classes
            ? names
            : throw Bad(path, ClassNames, $"{Text(classes)} names", Text(names.Length));
    }

    private static int Integer(IReadOnlyDictionary<string, string> metadata, string path, string key)
    {
        const int Largest = 1 << 16;
        if (!metadata.TryGetValue(key, out var text)) throw Bad(path, key, "a number", "nothing");
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value is >= 1 and <= Largest
            ? value
            : throw Bad(path, key, $"a number from 1 to {Text(Largest)}", $"'{SafeTensorsHeader.Shorten(text)}'");
    }

    private static T List<T>(IReadOnlyDictionary<string, string> metadata, string path, string key) where T : class
    {
        try
        {
            if (JsonSerializer.Deserialize<T>(metadata[key]) is { } list) return list;
        }
        catch (JsonException)
        {
            // Reported below, with the text that was found.
        }

        throw Bad(path, key, "a JSON list", $"'{SafeTensorsHeader.Shorten(metadata[key])}'");
    }

    private static CodatException Bad(string path, string key, string expected, string found) =>
        new("The weight file's metadata is not usable", $"{path}, {key}", expected, found,
            "give the model and classes as for a foreign file, or import the file again");

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
