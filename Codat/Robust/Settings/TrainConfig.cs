using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>The file <c>config.json</c>: every setting of a run, complete and re-runnable.</summary>
public static class TrainConfig
{
    private static readonly JsonSerializerOptions s_indented = new()
    {
        WriteIndented = true,
        // Plus signs and the like are read by people; the file is never part of a web page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly TrainOptions s_unset = TrainOptions.Preset();

    private static readonly JsonSerializerOptions s_compact = new() { Encoder = s_indented.Encoder };

    /// <summary>The settings as text: an indented object with a key for every setting.</summary>
    public static string Write(TrainOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return ToJson(options).ToJsonString(s_indented) + "\n";
    }

    /// <summary>The settings as an object with a key for every setting.</summary>
    public static JsonObject ToJson(TrainOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var json = new JsonObject();
        foreach (TrainSetting setting in TrainSettings.All)
        {
            if (setting.InConfig) json.Add(setting.Name, setting.Write(options));
        }
        return json;
    }

    /// <summary>Reads settings; what the text leaves out comes from the presets.</summary>
    /// <param name="json">An object whose keys are setting names.</param>
    /// <param name="place">The name of the file, for errors.</param>
    /// <exception cref="CodatException">A key is unknown or given twice, or a value is not allowed.</exception>
    public static TrainOptions Read(string json, string place)
        => TrainResolver.Resolve(SettingLayer.Empty, Parse(json, place));

    /// <summary>SHA-256 (lower-case hex) of what the run computes, as compact JSON with sorted keys: all settings but
    /// device, threads, folders and saving.</summary>
    public static string Hash(TrainOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        TrainSetting[] settings = Array.FindAll(TrainSettings.All, setting => setting.InHash);
        Array.Sort(settings, (a, b) => string.CompareOrdinal(a.Name, b.Name));
        var json = new JsonObject();
        foreach (TrainSetting setting in settings)
        {
            JsonNode? value = setting.Write(options);
            if (!setting.IsLater || !JsonNode.DeepEquals(value, setting.Write(s_unset))) json.Add(setting.Name, value);
        }
        byte[] canonical = System.Text.Encoding.UTF8.GetBytes(json.ToJsonString(s_compact));
        return Convert.ToHexStringLower(SHA256.HashData(canonical));
    }

    internal static SettingLayer ReadLayer(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CodatException("the config file cannot be read", path, "a config.json", error.Message,
                inner: error);
        }
        return Parse(text, path);
    }

    private static SettingLayer Parse(string json, string place)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return SettingLayer.FromJson(document.RootElement, place);
        }
        catch (JsonException error)
        {
            throw new CodatException("the settings are not JSON", place, "an object of settings", error.Message,
                inner: error);
        }
    }
}
