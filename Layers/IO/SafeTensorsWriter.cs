using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Codat.Native.Layers;

/// <summary>Collects tensors and writes them as a safetensors file; the same content gives the same bytes.</summary>
/// <remarks>
/// Tensors are laid out by falling element size, then by name (ordinal), and the header is padded with spaces to a
/// multiple of
/// 8, so every tensor is aligned for its type. Memory handed in is not copied and must not change before
/// the file is written. One thread at a time.
/// </remarks>
public sealed class SafeTensorsWriter
{
    private const int Alignment = 8;

    private readonly SortedDictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Item> _items = new(StringComparer.Ordinal);

    private delegate void WriteBytes(Stream stream);

    /// <summary>Sets a metadata string, replacing an earlier one of the same key.</summary>
    public void SetMetadata(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        _metadata[key] = value;
    }

    /// <summary>Adds a float tensor (F32) in row-major order.</summary>
    public void Add(string name, ReadOnlySpan<long> shape, ReadOnlyMemory<float> values) =>
        Add(name, SafeTensorType.F32, shape, values);

    /// <summary>Adds a double tensor (F64) in row-major order.</summary>
    public void Add(string name, ReadOnlySpan<long> shape, ReadOnlyMemory<double> values) =>
        Add(name, SafeTensorType.F64, shape, values);

    /// <summary>Adds an I64 tensor in row-major order.</summary>
    public void Add(string name, ReadOnlySpan<long> shape, ReadOnlyMemory<long> values) =>
        Add(name, SafeTensorType.I64, shape, values);

    /// <summary>Adds a tensor of any type whose elements are of the size of <typeparamref name="T"/>, or raw
    /// bytes.</summary>
    /// <exception cref="ArgumentException">The name is taken or reserved, or the values do not fit the
    /// shape.</exception>
    public void Add<T>(string name, SafeTensorType type, ReadOnlySpan<long> shape, ReadOnlyMemory<T> values)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == SafeTensorsHeader.MetadataKey) throw new ArgumentException("That name is reserved.", nameof(name));
        if (!SafeTensorTypes.Matches<T>(type) && typeof(T) != typeof(byte))
            throw new ArgumentException($"{typeof(T).Name} values cannot be {type}.", nameof(values));
        long bytes = SafeTensorTypes.SizeOf(type);
        foreach (var dimension in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dimension, nameof(shape));
            bytes = checked(bytes * dimension);
        }

        var found = (long)values.Length * Unsafe.SizeOf<T>();
        if (bytes != found) throw new ArgumentException($"'{name}' needs {bytes} bytes, not {found}.", nameof(values));
        var item = new Item(name, type, shape.ToArray(), bytes, s => s.Write(MemoryMarshal.AsBytes(values.Span)));
        if (!_items.TryAdd(name, item)) throw new ArgumentException($"'{name}' is there already.", nameof(name));
    }

    /// <summary>Writes the file whole or not at all (see <see cref="AtomicFile"/>).</summary>
    /// <exception cref="Interop.CodatException">The file cannot be written; the message names it.</exception>
    public void Save(string path) => AtomicFile.Write(path, WriteTo);

    /// <summary>Writes the file's bytes to a stream.</summary>
    public void WriteTo(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var items = new Item[_items.Count];
        _items.Values.CopyTo(items, 0);
        Array.Sort(items, Item.InFileOrder);

        var header = Header(items);
        var padded = (header.WrittenCount + Alignment - 1) / Alignment * Alignment;
        if (padded > SafeTensorsHeader.MaxBytes)
            throw new InvalidOperationException($"The header has {padded} bytes, more than the format allows.");
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)padded);
        stream.Write(prefix);
        stream.Write(header.WrittenSpan);
        for (var i = header.WrittenCount; i < padded; i++) stream.WriteByte((byte)' ');
        foreach (var item in items) item.Write(stream);
    }

    private ArrayBufferWriter<byte> Header(Item[] items)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer,
            new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        writer.WriteStartObject();
        if (_metadata.Count > 0)
        {
            writer.WriteStartObject(SafeTensorsHeader.MetadataKey);
            foreach (var (key, value) in _metadata) writer.WriteString(key, value);
            writer.WriteEndObject();
        }

        long begin = 0;
        foreach (var item in items)
        {
            writer.WriteStartObject(item.Name);
            writer.WriteString("dtype", item.Type.ToString());
            writer.WriteStartArray("shape");
            foreach (var dimension in item.Shape) writer.WriteNumberValue(dimension);
            writer.WriteEndArray();
            writer.WriteStartArray("data_offsets");
            writer.WriteNumberValue(begin);
            writer.WriteNumberValue(begin += item.Bytes);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer;
    }

    private sealed record Item(string Name, SafeTensorType Type, long[] Shape, long Bytes, WriteBytes Write)
    {
        public static int InFileOrder(Item a, Item b)
        {
            var bySize = SafeTensorTypes.SizeOf(b.Type).CompareTo(SafeTensorTypes.SizeOf(a.Type));
            return bySize != 0 ? bySize : string.CompareOrdinal(a.Name, b.Name);
        }
    }
}
