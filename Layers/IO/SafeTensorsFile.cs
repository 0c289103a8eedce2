using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Codat.Native.Interop;

namespace Codat.Native.Layers;

/// <summary>A safetensors file opened for reading: header checked at once, tensors read on demand.</summary>
/// <remarks>
/// Layout: 8 bytes little-endian header length, JSON header, tensor bytes. The header is believed only as far as the
/// file's
/// length bears it out, so nothing larger than the file is ever allocated. One thread at a time; multi-byte elements
/// are
/// copied as they are, which is right on little-endian machines, the only ones supported.
/// </remarks>
public sealed class SafeTensorsFile : IDisposable
{
    private const int LengthBytes = 8;
    private const int BlockBytes = 1 << 16;

    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly string _name;
    private readonly long _dataStart;
    private readonly SafeTensorsHeader _header;

    private SafeTensorsFile(Stream stream, string name, bool leaveOpen)
    {
        _stream = stream;
        _name = name;
        _leaveOpen = leaveOpen;
        (_header, _dataStart) = ReadHeader();
        Tensors = [.. _header.Tensors.Values.OrderBy(t => t.Name, StringComparer.Ordinal)];
    }

    /// <summary>The strings under <c>__metadata__</c>; empty where the file has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>The tensors, sorted by name (ordinal).</summary>
    public IReadOnlyList<SafeTensorEntry> Tensors { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="CodatException">The file is missing, unreadable or damaged.</exception>
    public static SafeTensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return Open(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1), path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CodatException("There is no such file", path, inner: error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CodatException("The file cannot be read", path, found: error.Message, inner: error);
        }
    }

    /// <summary>Takes a seekable stream whose position 0 is the start of the file; <paramref name="name"/> is for
    /// messages.</summary>
    /// <exception cref="CodatException">The content is damaged.</exception>
    public static SafeTensorsFile Open(Stream stream, string name, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        try
        {
            if (!stream.CanSeek) throw new ArgumentException("The stream must be seekable.", nameof(stream));
            return new SafeTensorsFile(stream, name, leaveOpen);
        }
        catch
        {
            if (!leaveOpen) stream.Dispose();
            throw;
        }
    }

    /// <summary>True, and the tensor's description, when there is a tensor of that name.</summary>
    public bool TryGet(string name, out SafeTensorEntry? entry) => _header.Tensors.TryGetValue(name, out entry);

    /// <summary>Reads a tensor's bytes as they lie in the file; the span must have exactly their number.</summary>
    /// <exception cref="CodatException">There is no such tensor, or the file ends early.</exception>
    public void ReadBytes(string name, Span<byte> destination)
    {
        var entry = Find(name);
        CheckLength(entry, entry.Bytes, destination.Length);
        ReadAt(entry, 0, destination);
    }

    /// <summary>Reads a tensor whose elements are of exactly that type (BF16 as ushort, BOOL as byte).</summary>
    /// <exception cref="CodatException">There is no such tensor, it is of another type, or the file ends
    /// early.</exception>
    public void Read<T>(string name, Span<T> destination) where T : unmanaged
    {
        var entry = Find(name);
        if (!SafeTensorTypes.Matches<T>(entry.Type))
            throw new CodatException("A tensor has another element type", Where(entry), typeof(T).Name,
                $"{entry.Type}");
        CheckLength(entry, entry.Elements, destination.Length);
        ReadAt(entry, 0, MemoryMarshal.AsBytes(destination));
    }

    /// <summary>Reads a tensor of that type into a new array, in the file's (row-major) order.</summary>
    /// <exception cref="CodatException">There is no such tensor, it is of another type or too large for an
    /// array.</exception>
    public T[] Read<T>(string name) where T : unmanaged
    {
        var values = new T[ArrayLength(Find(name))];
        Read<T>(name, values);
        return values;
    }

    /// <summary>Reads a floating-point tensor (F32, F16, BF16, F64) as float; F64 is rounded to the nearest.</summary>
    /// <exception cref="CodatException">There is no such tensor, or its elements are not floating-point
    /// numbers.</exception>
    public void ReadFloats(string name, Span<float> destination)
    {
        var entry = Find(name);
        CheckLength(entry, entry.Elements, destination.Length);
        if (entry.Type == SafeTensorType.F32)
        {
            ReadAt(entry, 0, MemoryMarshal.AsBytes(destination));
            return;
        }

        if (entry.Type is not (SafeTensorType.F16 or SafeTensorType.BF16 or SafeTensorType.F64))
            throw new CodatException("A tensor cannot be read as float", Where(entry), "F32, F16, BF16 or F64",
                $"{entry.Type}");
        var size = SafeTensorTypes.SizeOf(entry.Type);
        var block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            for (var done = 0; done < destination.Length;)
            {
                var count = Math.Min(destination.Length - done, BlockBytes / size);
                var bytes = block.AsSpan(0, count * size);
                ReadAt(entry, (long)done * size, bytes);
                Widen(entry.Type, bytes, destination.Slice(done, count));
                done += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <summary>Reads a floating-point tensor into a new float array, in the file's (row-major) order.</summary>
    /// <exception cref="CodatException">There is no such tensor, its elements are not floating-point, or it is too
    /// large.</exception>
    public float[] ReadFloats(string name)
    {
        var values = new float[ArrayLength(Find(name))];
        ReadFloats(name, values);
        return values;
    }

    /// <summary>Closes the stream unless it was to be left open.</summary>
    public void Dispose()
    {
        if (!_leaveOpen) _stream.Dispose();
    }

    private static void Widen(SafeTensorType type, ReadOnlySpan<byte> bytes, Span<float> destination)
    {
        switch (type)
        {
            case SafeTensorType.F16:
                var halves = MemoryMarshal.Cast<byte, Half>(bytes);
                for (var i = 0; i < halves.Length; i++) destination[i] = (float)halves[i];
                break;
            case SafeTensorType.BF16:
                var upper = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (var i = 0; i < upper.Length; i++)
                    destination[i] = BitConverter.UInt32BitsToSingle((uint)upper[i] << 16);
                break;
            default:
                var doubles = MemoryMarshal.Cast<byte, double>(bytes);
                for (var i = 0; i < doubles.Length; i++) destination[i] = (float)doubles[i];
                break;
        }
    }

    private (SafeTensorsHeader Header, long DataStart) ReadHeader()
    {
        Span<byte> prefix = stackalloc byte[LengthBytes];
        var fileBytes = _stream.Length;
        if (fileBytes < LengthBytes)
            throw Bad("The file is too short for a header", $"at least {LengthBytes} bytes", Text(fileBytes));
        _stream.Position = 0;
        Fill(prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        var limit = Math.Min(SafeTensorsHeader.MaxBytes, fileBytes - LengthBytes);
        if (length > (ulong)limit)
            throw Bad("The header's length is not possible", $"at most {Text(limit)} bytes",
                length.ToString(CultureInfo.InvariantCulture));
        var json = new byte[(int)length];
        Fill(json);
        var dataStart = LengthBytes + (long)length;
        return (SafeTensorsHeader.Parse(json, _name, fileBytes - dataStart), dataStart);
    }

    private SafeTensorEntry Find(string name) => _header.Tensors.TryGetValue(name, out var entry)
        ? entry
        : throw new CodatException("There is no such tensor", $"{_name}, {name}");

    private void ReadAt(SafeTensorEntry entry, long offset, Span<byte> destination)
    {
        _stream.Position = _dataStart + entry.Begin + offset;
        Fill(destination);
    }

    private void Fill(Span<byte> destination)
    {
        try
        {
            _stream.ReadExactly(destination);
        }
        catch (EndOfStreamException)
        {
            throw Bad("The file became shorter while it was read", $"{Text(destination.Length)} more bytes", "its end");
        }
        catch (IOException error)
        {
            throw new CodatException("The file cannot be read", _name, found: error.Message, isUsage: false,
                inner: error);
        }
    }

    private int ArrayLength(SafeTensorEntry entry) => entry.Elements <= Array.MaxLength
        ? (int)entry.Elements
        : throw new CodatException("A tensor is too large for one array", Where(entry),
            $"at most {Text(Array.MaxLength)} elements", Text(entry.Elements));

    private static void CheckLength(SafeTensorEntry entry, long expected, int found)
    {
        if (expected != found)
            throw new ArgumentException($"'{entry.Name}' {entry.ShapeText} has {expected} values, room for {found}.");
    }

    private string Where(SafeTensorEntry entry) => $"{_name}, {SafeTensorsHeader.Shorten(entry.Name)}";

    private CodatException Bad(string what, string expected, string found) =>
        new(what, _name, expected, found, "the file is damaged or not safetensors");

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
