using System.Text.Json;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Settings from one source, as text with the place each came from.</summary>
internal sealed class SettingLayer
{
    private readonly Dictionary<string, (string Text, string Where)> _values = new(StringComparer.Ordinal);

    /// <summary>A layer without settings.</summary>
    internal static SettingLayer Empty => new();

    internal int Count => _values.Count;

    /// <summary>Adds a setting typed on the command line.</summary>
    internal SettingLayer Add(string name, string text) => Add(name, text, "--" + name);

    /// <summary>Adds a setting from a place of its own.</summary>
    internal SettingLayer Add(string name, string text, string where)
    {
        _values[name] = (text, where);
        return this;
    }

    internal bool Has(string name) => _values.ContainsKey(name);

    internal bool TryGet(string name, out string text, out string where)
    {
        bool found = _values.TryGetValue(name, out (string Text, string Where) value);
        (text, where) = value;
        return found;
    }

    /// <summary>A copy without some settings.</summary>
    internal SettingLayer Without(params ReadOnlySpan<string> names)
    {
        var copy = new SettingLayer();
        foreach ((string name, (string, string) value) in _values)
        {
            if (!names.Contains(name)) copy._values.Add(name, value);
        }
        return copy;
    }

    /// <summary>Reads settings from a JSON object whose keys are setting names; null means "not said".</summary>
    internal static SettingLayer FromJson(JsonElement json, string place)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw new CodatException("settings are not an object", place, "an object", Describe(json));
        var layer = new SettingLayer();
        foreach (JsonProperty property in json.EnumerateObject())
        {
            string where = $"{place}: {property.Name}";
            TrainSetting setting = TrainSettings.Find(property.Name)
                ?? throw new CodatException("unknown setting", where, "a setting of codat train",
                    $"'{property.Name}'", Suggestion(property.Name));
            if (layer.Has(setting.Name)) throw new CodatException("setting given twice", where);
            if (property.Value.ValueKind != JsonValueKind.Null)
                layer._values.Add(setting.Name, (TextOf(setting, property.Value, where), where));
        }
        return layer;
    }

    private static string TextOf(TrainSetting setting, JsonElement value, string where)
    {
        bool isBoolean = value.ValueKind is JsonValueKind.True or JsonValueKind.False;
        if (isBoolean && setting.IsSwitch) return value.GetBoolean() ? "true" : "false";
        if (!isBoolean && value.ValueKind == JsonValueKind.String) return value.GetString()!; // a string is never null
        if (value.ValueKind == JsonValueKind.Number && !setting.IsSwitch) return value.GetRawText();
        if (value.ValueKind == JsonValueKind.Object && setting.IsList)
            return string.Join(',', value.EnumerateObject().Select(pair => $"{pair.Name}={pair.Value}"));
        throw new CodatException("wrong type of value", where,
            setting.IsSwitch ? "true or false" : "a string or a number", Describe(value));
    }

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        _ => value.GetRawText(),
    };

    internal static string? Suggestion(string name)
    {
        string kebab = name.TrimStart('-').Replace('_', '-');
        foreach (TrainSetting setting in TrainSettings.All)
        {
            if (string.Equals(setting.Name, kebab, StringComparison.OrdinalIgnoreCase)
                || string.Equals(setting.Name.Replace("-", "", StringComparison.Ordinal), kebab,
                    StringComparison.OrdinalIgnoreCase))
            {
                return $"write {setting.Name}";
            }
        }
        return null;
    }
}
