using System.Globalization;
using System.Text;
using System.Text.Json;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>
/// A JSON value that knows where it came from: absent and null members read as missing, a member of another type is an
/// error that names the file and the member.
/// </summary>
internal readonly struct JsonView
{
    private static readonly UTF8Encoding s_strictUtf8 =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 64, AllowDuplicateProperties = false };
    private readonly JsonElement _element;
    private readonly string _source;
    private readonly string _path;

    private JsonView(JsonElement element, string source, string path)
    {
        _element = element;
        _source = source;
        _path = path;
    }

    /// <summary>The value itself.</summary>
    public JsonElement Element => _element;

    /// <summary>True for an object.</summary>
    public bool IsObject => _element.ValueKind == JsonValueKind.Object;

    /// <summary>True for an array.</summary>
    public bool IsArray => _element.ValueKind == JsonValueKind.Array;

    /// <summary>Reads one whole file, whose top value must be an object.</summary>
    public static JsonView Load(string path) => Parse(ReadText(path), path, line: null);

    /// <summary>Reads a file as UTF-8 and refuses bytes that are not.</summary>
    public static string ReadText(string path)
    {
        try
        {
            return s_strictUtf8.GetString(File.ReadAllBytes(path)).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException error)
        {
            throw new CodatException("A file of the run is not text", path, "UTF-8", "bytes that are no UTF-8",
                "restore the file or leave it out of the folder", inner: error);
        }
    }

    /// <summary>Parses a whole file, or one line of it where its number is given.</summary>
    public static JsonView Parse(string text, string file, int? line)
    {
        try
        {
            using var document = JsonDocument.Parse(text, s_options);
            var view = new JsonView(document.RootElement.Clone(), line is { } number ? Line(file, number) : file, "");
            return view.IsObject ? view : throw view.Wrong("an object");
        }
        catch (JsonException error)
        {
            throw new CodatException("A file of the run is not valid JSON",
                Line(file, (line ?? 1) + (error.LineNumber ?? 0)),
                line is null ? "one JSON object" : "one JSON object on the line", FirstSentence(error.Message),
                "restore the file or leave it out of the folder", inner: error);
        }
    }

    /// <summary>The member of this name, or null where it is absent or null.</summary>
    public JsonView? Get(string name)
    {
        if (!IsObject || !_element.TryGetProperty(name, out var member)) return null;
        if (member.ValueKind is JsonValueKind.Null) return null;
        return new JsonView(member, _source, _path.Length == 0 ? name : _path + "." + name);
    }

    /// <summary>The object of this name, or null where it is absent or null.</summary>
    public JsonView? Object(string name)
    {
        if (Get(name) is not { } member) return null;
        return member.IsObject ? member : throw member.Wrong("an object");
    }

    /// <summary>The number of this name; not-a-number where it is absent or null.</summary>
    public double Number(string name) => Get(name) is { } member ? member.AsNumber() : double.NaN;

    /// <summary>The whole number of this name, or null where it is absent or null.</summary>
    public int? Integer(string name)
    {
        if (Get(name) is not { } member) return null;
        return member._element.ValueKind == JsonValueKind.Number && member._element.TryGetInt32(out var value)
            ? value
            : throw member.Wrong("a whole number");
    }

    /// <summary>The text of this name, or null where it is absent or null; numbers count as they are written.</summary>
    public string? Text(string name)
    {
        if (Get(name) is not { } member) return null;
        return member._element.ValueKind is JsonValueKind.String or JsonValueKind.Number
            ? member.Display()
            : throw member.Wrong("text");
    }

    /// <summary>The numbers of this name; empty where it is absent or null, not-a-number for null entries.</summary>
    public double[] Numbers(string name) => Get(name) is { } member ? member.AsNumbers() : [];

    /// <summary>The entries of the array of this name; none where it is absent or null.</summary>
    public List<JsonView> Items(string name) => Get(name) is { } member ? member.AsItems() : [];

    /// <summary>This value as an array of views.</summary>
    public List<JsonView> AsItems()
    {
        if (!IsArray) throw Wrong("an array");
        var items = new List<JsonView>(_element.GetArrayLength());
        foreach (var item in _element.EnumerateArray())
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"{_path}[{items.Count}]");
            items.Add(new JsonView(item, _source, path));
        }
        return items;
    }

    /// <summary>This value as an array of numbers.</summary>
    public double[] AsNumbers()
    {
        var items = AsItems();
        var numbers = new double[items.Count];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = items[i].AsNumber();
        return numbers;
    }

    /// <summary>This value as a person would write it: text without quotes, everything else as in the file.</summary>
    public string Display()
    {
        try
        {
            return _element.ValueKind switch
            {
                JsonValueKind.String => _element.GetString() ?? "",
                JsonValueKind.Null => "",
                _ => _element.GetRawText(),
            };
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate written as an escape passes the parser and has no text.
            throw Wrong("text");
        }
    }

    /// <summary>An error that says this value should have been something else.</summary>
    public CodatException Wrong(string expected, string? found = null) =>
        Wrong(_path.Length == 0 ? _source : _source + ": " + _path, expected, found ?? Kind(_element));

    private double AsNumber() => _element.ValueKind switch
    {
        JsonValueKind.Number => _element.GetDouble(),
        JsonValueKind.Null => double.NaN,
        _ => throw Wrong("a number"),
    };

    private static CodatException Wrong(string where, string expected, string found) =>
        new("A file of the run has another form than expected", where, expected, found,
            "restore the file or leave it out of the folder");

    private static string Line(string file, long number) =>
        string.Create(CultureInfo.InvariantCulture, $"{file}, line {number}");

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "text",
        JsonValueKind.Number => "the number " + element.GetRawText(),
        JsonValueKind.True or JsonValueKind.False => "a truth value",
        _ => "null",
    };

    private static string FirstSentence(string message)
    {
        var end = message.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }
}
