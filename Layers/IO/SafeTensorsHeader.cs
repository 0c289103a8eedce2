using System.Globalization;
using System.Text.Json;
using Codat.Native.Interop;

namespace Codat.Native.Layers;

/// <summary>Reads and checks the JSON header of a safetensors file; nothing is believed that the file's length
/// contradicts.</summary>
internal sealed class SafeTensorsHeader
{
    /// <summary>The format's own limit.</summary>
    public const long MaxBytes = 100_000_000;

    public const string MetadataKey = "__metadata__";

    private readonly string _file;
    private readonly long _dataBytes;
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SafeTensorEntry> _tensors = new(StringComparer.Ordinal);
    private bool _hasMetadata;

    private SafeTensorsHeader(string file, long dataBytes)
    {
        _file = file;
        _dataBytes = dataBytes;
    }

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    public IReadOnlyDictionary<string, SafeTensorEntry> Tensors => _tensors;

    /// <summary>Parses header bytes; <paramref name="dataBytes"/> is what the file holds after them.</summary>
    public static SafeTensorsHeader Parse(ReadOnlySpan<byte> json, string file, long dataBytes)
    {
        var header = new SafeTensorsHeader(file, dataBytes);
        // The format wants the brace as the very first byte; white space is allowed at the end only.
        if (json.IsEmpty || json[0] != (byte)'{') throw header.Bad("The header does not start with '{'");
        try
        {
            header.ReadFile(json);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is not valid text, such as half a surrogate pair.
            throw header.Bad("The header is not valid JSON", found: Shorten(error.Message));
        }

        header.CheckLayout();
        return header;
    }

    /// <summary>A name from a file in a message: short, and without control characters.</summary>
    public static string Shorten(string text)
    {
        const int Limit = 80;
        var shown = text.Length <= Limit ? text : string.Concat(text.AsSpan(0, Limit), "...");
        return string.Create(shown.Length, shown, (span, source) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = char.IsControl(source[i]) ? '?' : source[i];
        });
    }

    private void ReadFile(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 4 });
        reader.Read();
        while (ReadName(ref reader, out var name))
        {
            if (name == MetadataKey) ReadMetadata(ref reader);
            else if (!_tensors.TryAdd(name, ReadTensor(ref reader, name))) throw Bad("A tensor is named twice", name);
        }

        if (reader.Read()) throw Bad("There is something after the header's last '}'");
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (_hasMetadata) throw Bad("The metadata is there twice", MetadataKey);
        _hasMetadata = true;
        Expect(ref reader, JsonTokenType.StartObject, MetadataKey, "an object");
        while (ReadName(ref reader, out var key))
        {
            Expect(ref reader, JsonTokenType.String, MetadataKey, "a string for each key");
            if (!_metadata.TryAdd(key, reader.GetString() ?? "")) throw Bad("A metadata key is there twice", key);
        }
    }

    private SafeTensorEntry ReadTensor(ref Utf8JsonReader reader, string name)
    {
        SafeTensorType? type = null;
        List<long>? shape = null, offsets = null;
        Expect(ref reader, JsonTokenType.StartObject, name, "an object");
        while (ReadName(ref reader, out var key))
        {
            switch (key)
            {
                case "dtype" when type is null:
                    Expect(ref reader, JsonTokenType.String, name, "a string as dtype");
                    type = ParseType(reader.GetString() ?? "", name);
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(ref reader, name);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(ref reader, name);
                    break;
                default:
                    throw Bad("A tensor has a key it should not have, or has it twice", name,
                        "dtype, shape and data_offsets once each", Shorten(key));
            }
        }

        if (type is null || shape is null || offsets is null)
            throw Bad("A tensor lacks a key", name, "dtype, shape and data_offsets");
        return CheckTensor(name, type.Value, shape, offsets);
    }

    private SafeTensorEntry CheckTensor(string name, SafeTensorType type, List<long> shape, List<long> offsets)
    {
        if (offsets.Count != 2) throw Bad("data_offsets is not a pair", name, "2 numbers", Text(offsets.Count));
        long elements = 1, bytes;
        try
        {
            foreach (var dimension in shape) elements = checked(elements * dimension);
            bytes = checked(elements * SafeTensorTypes.SizeOf(type));
        }
        catch (OverflowException)
        {
            throw Bad("A shape is too large for any file", name);
        }

        long begin = offsets[0], end = offsets[1];
        if (begin > end || end > _dataBytes)
            throw Bad("data_offsets lie outside the file", name, $"0 <= begin <= end <= {Text(_dataBytes)}",
                $"[{Text(begin)}, {Text(end)}]");
        if (end - begin != bytes)
            throw Bad("A tensor's bytes do not fit its shape", name, $"{Text(bytes)} bytes", Text(end - begin));
        return new SafeTensorEntry(name, type, shape, elements, begin, bytes);
    }

    /// <summary>The tensors must cover the data exactly, as the format demands: no overlap, no hole, nothing
    /// behind.</summary>
    private void CheckLayout()
    {
        var ordered = _tensors.Values
            .OrderBy(t => t.Begin).ThenBy(t => t.Bytes).ThenBy(t => t.Name, StringComparer.Ordinal);
        long position = 0;
        foreach (var tensor in ordered)
        {
            if (tensor.Begin < position)
                throw Bad("A tensor overlaps the one before it", tensor.Name, $"data from {Text(position)} on",
                    Text(tensor.Begin));
            if (tensor.Begin > position)
                throw Bad("There is a hole before a tensor's data", tensor.Name, $"data from {Text(position)} on",
                    Text(tensor.Begin));
            position = tensor.Begin + tensor.Bytes;
        }

        if (position != _dataBytes)
            throw Bad("The file goes on after its last tensor", expected: $"{Text(position)} bytes of data",
                found: Text(_dataBytes));
    }

    private SafeTensorType ParseType(string text, string name) =>
        SafeTensorTypes.TryParse(text, out var type)
            ? type
            : throw Bad("An element type is not known", name, string.Join(' ', Enum.GetNames<SafeTensorType>()),
                Shorten(text));

    private List<long> ReadNumbers(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.StartArray, name, "an array of numbers");
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0)
                throw Bad("A shape or an offset is not a whole number", name, "0 or more, below 2^63");
            numbers.Add(number);
        }

        return numbers;
    }

    private static bool ReadName(ref Utf8JsonReader reader, out string name)
    {
        reader.Read();
        name = reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() ?? "" : "";
        return reader.TokenType == JsonTokenType.PropertyName;
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType type, string name, string what)
    {
        reader.Read();
        if (reader.TokenType != type) throw Bad("A value has the wrong kind", name, what, reader.TokenType.ToString());
    }

    private CodatException Bad(string what, string? name = null, string? expected = null, string? found = null) =>
        new(what, name is null ? _file : $"{_file}, {Shorten(name)}", expected, found,
            "the file is damaged or not safetensors");

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
