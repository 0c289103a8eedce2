using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Codat.Native.Tests;

/// <summary>One recording (networks, attacks, training, losses, ops), read without any code of the product.</summary>
internal sealed class GoldenFile
{
    private readonly byte[] _data;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _words = new(StringComparer.Ordinal);

    private GoldenFile(byte[] bytes)
    {
        var headerLength = checked((int)BinaryPrimitives.ReadInt64LittleEndian(bytes));
        _data = bytes[(sizeof(long) + headerLength)..];
        using var header = JsonDocument.Parse(bytes.AsMemory(sizeof(long), headerLength));
        foreach (var property in header.RootElement.EnumerateObject())
        {
            if (property.NameEquals("__metadata__"))
            {
                foreach (var word in property.Value.EnumerateObject())
                    _words.Add(word.Name, word.Value.GetString() ?? "");
            }
            else
            {
                _entries.Add(property.Name, Entry.Parse(property.Value));
            }
        }
    }

    /// <summary>Names of all tensors.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    /// <summary>Opens a recording that is embedded in the test assembly.</summary>
    public static GoldenFile Open(string area)
    {
        var suffix = $".{area}.safetensors";
        var assembly = typeof(GoldenFile).Assembly;
        var resource = Array.Find(
            assembly.GetManifestResourceNames(), name => name.EndsWith(suffix, StringComparison.Ordinal));
        using var stream = resource is null ? null : assembly.GetManifestResourceStream(resource);
        if (stream is null)
            throw new InvalidOperationException($"No recording '{area}' is embedded in {assembly.GetName().Name}.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return new GoldenFile(bytes);
    }

    /// <summary>True where the recording has this tensor.</summary>
    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>The shape of a tensor.</summary>
    public int[] Shape(string name) => Find(name).Shape;

    /// <summary>A tensor in double, whatever floating-point type it was stored in.</summary>
    public double[] Doubles(string name)
    {
        var entry = Find(name);
        var bytes = _data.AsSpan(entry.Begin, entry.Length);
        return entry.Type switch
        {
            "F64" => MemoryMarshal.Cast<byte, double>(bytes).ToArray(),
            "F32" => GoldenValues.Widen(MemoryMarshal.Cast<byte, float>(bytes)),
            _ => throw new InvalidOperationException($"'{name}' is {entry.Type}, not floating point."),
        };
    }

    /// <summary>A tensor that was stored in float32.</summary>
    public float[] Floats(string name) => Typed<float>(name, "F32");

    /// <summary>A tensor of integers.</summary>
    public long[] Longs(string name) => Typed<long>(name, "I64");

    /// <summary>The first value of a tensor.</summary>
    public double Scalar(string name) => Doubles(name)[0];

    /// <summary>
    /// How far PyTorch's float32 result lies from its float64 one, relative to the largest value: what rounding alone
    /// does here, on the machine that recorded it.
    /// </summary>
    public double Noise(string name) => GoldenCheck.Distance(Doubles(name + "/f32"), Doubles(name));

    /// <summary>An entry of the metadata.</summary>
    public string Word(string key) =>
        _words.TryGetValue(key, out var word) ? word : throw new KeyNotFoundException($"No metadata '{key}'.");

    /// <summary>An entry of the metadata that is a list of integers.</summary>
    public int[] Integers(string key) => ParseIntegers(Word(key));

    /// <summary>The generated images that a case of `networks` was run on, flat in the order N, C, H, W.</summary>
    public float[] Images(string network)
    {
        var extents = Integers($"{network}/images");
        return GoldenValues.Images(extents[0], extents[1], extents[2], extents[3], Seed(network));
    }

    /// <summary>The labels of those images.</summary>
    public int[] Labels(string network) =>
        GoldenValues.Labels(Integers($"{network}/images")[0], Seed(network));

    /// <summary>Names and shapes of a network's parameters, in PyTorch's order.</summary>
    public IReadOnlyList<(string Name, int[] Shape)> Parameters(string network) => Tensors($"{network}/parameters");

    /// <summary>Names and shapes of a network's running statistics.</summary>
    public IReadOnlyList<(string Name, int[] Shape)> Buffers(string network) => Tensors($"{network}/buffers");

    private ulong Seed(string network) => (ulong)Integers($"{network}/case")[0];

    private static int[] ParseIntegers(string text) => Array.ConvertAll(text.Split(','), int.Parse);

    private List<(string Name, int[] Shape)> Tensors(string key)
    {
        var tensors = new List<(string, int[])>();
        foreach (var item in Word(key).Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = item.IndexOf(':', StringComparison.Ordinal);
            tensors.Add((item[..colon], ParseIntegers(item[(colon + 1)..])));
        }

        return tensors;
    }

    private T[] Typed<T>(string name, string type)
        where T : unmanaged
    {
        var entry = Find(name);
        if (entry.Type != type)
            throw new InvalidOperationException($"'{name}' is {entry.Type}, not {type}.");
        return MemoryMarshal.Cast<byte, T>(_data.AsSpan(entry.Begin, entry.Length)).ToArray();
    }

    private Entry Find(string name) =>
        _entries.TryGetValue(name, out var entry) ? entry : throw new KeyNotFoundException($"No tensor '{name}'.");

    private readonly record struct Entry(string Type, int[] Shape, int Begin, int Length)
    {
        public static Entry Parse(JsonElement value)
        {
            var shape = new List<int>();
            foreach (var extent in value.GetProperty("shape").EnumerateArray())
                shape.Add(extent.GetInt32());
            var offsets = value.GetProperty("data_offsets");
            var begin = offsets[0].GetInt32();
            var length = offsets[1].GetInt32() - begin;
            return new Entry(value.GetProperty("dtype").GetString() ?? "", [.. shape], begin, length);
        }
    }
}
