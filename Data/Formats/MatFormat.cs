using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Codat.Native.Data;

/// <summary>
/// MATLAB Level 5 files as far as SVHN needs them: little endian, real numeric arrays, plain or zlib-compressed
/// elements.
/// </summary>
internal static class MatFormat
{
    internal const int UInt8 = 2;
    private const int HeaderBytes = 128;
    private const int MiUInt32 = 6;
    private const int MiInt32 = 5;
    private const int MiMatrix = 14;
    private const int MiCompressed = 15;
    private const int MaxElements = 64;
    private const int MaxDimensions = 8;

    /// <summary>Storage types by code: bytes for a value, 0 where the code is not a number.</summary>
    private static ReadOnlySpan<byte> ValueBytes => [0, 1, 1, 2, 2, 4, 4, 4, 0, 8, 0, 0, 8, 8];

    internal static List<MatArray> Read(ReadOnlyMemory<byte> file, string where)
    {
        ReadOnlySpan<byte> header = file.Span;
        if (header.Length < HeaderBytes)
            throw new DatasetException("the .mat header is truncated", where, DataFile.Bytes(HeaderBytes),
                DataFile.Bytes(header.Length));
        if (header[126] != 'I' || header[127] != 'M'
            || BinaryPrimitives.ReadUInt16LittleEndian(header[124..]) != 0x0100)
            throw new DatasetException("this is not a little-endian MATLAB 5 file", where, "version 0x0100, mark IM",
                "bytes " + Convert.ToHexString(header[124..128]));

        var arrays = new List<MatArray>();
        ReadOnlyMemory<byte> rest = file[HeaderBytes..];
        while (rest.Length > 0)
        {
            if (arrays.Count == MaxElements)
                throw new DatasetException("the .mat file holds too many arrays", where, $"at most {MaxElements}");
            (int type, int offset, int length) = ReadTag(rest.Span, where);
            ReadOnlyMemory<byte> body = rest.Slice(offset, length);
            arrays.Add(type switch
            {
                MiCompressed => ReadMatrix(Decompress(body, where), where),
                MiMatrix => ReadMatrix(body, where),
                _ => throw Damaged(where, string.Create(CultureInfo.InvariantCulture, $"element type {type}")),
            });
            // Compressed elements are not padded; the others end on a multiple of eight bytes.
            int end = offset + (type == MiCompressed ? length : Padded(length));
            rest = rest[Math.Min(end, rest.Length)..];
        }

        return arrays;
    }

    /// <summary>The array of this name, or an error that lists what the file has.</summary>
    internal static MatArray Find(List<MatArray> arrays, string name, string where)
    {
        foreach (MatArray array in arrays)
            if (array.Name == name) return array;
        throw new DatasetException($"the array {name} is missing", where, name,
            arrays.Count == 0 ? "no array" : string.Join(", ", arrays.ConvertAll(a => a.Name)));
    }

    /// <summary>Value <paramref name="index"/> as a whole number; fractions are an error.</summary>
    internal static long Integer(MatArray array, int index, string where)
    {
        int size = ValueBytes[array.StorageType];
        ReadOnlySpan<byte> value = array.Data.Span.Slice(index * size, size);
        double number = array.StorageType switch
        {
            1 => (sbyte)value[0],
            UInt8 => value[0],
            3 => BinaryPrimitives.ReadInt16LittleEndian(value),
            4 => BinaryPrimitives.ReadUInt16LittleEndian(value),
            MiInt32 => BinaryPrimitives.ReadInt32LittleEndian(value),
            MiUInt32 => BinaryPrimitives.ReadUInt32LittleEndian(value),
            7 => BinaryPrimitives.ReadSingleLittleEndian(value),
            9 => BinaryPrimitives.ReadDoubleLittleEndian(value),
            12 => BinaryPrimitives.ReadInt64LittleEndian(value),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(value),
        };
        if (number != Math.Floor(number) || Math.Abs(number) > 1L << 53)
            throw Damaged(where, string.Create(CultureInfo.InvariantCulture, $"{array.Name}[{index}] = {number}"));
        return (long)number;
    }

    private static byte[] Decompress(ReadOnlyMemory<byte> body, string where)
    {
        using var zlib = new ZLibStream(Inflate.Open(body), CompressionMode.Decompress);
        Span<byte> tag = stackalloc byte[8];
        if (Inflate.TryRead(zlib, tag, where) != tag.Length)
            throw Damaged(where, "a compressed element without a tag");
        int type = BinaryPrimitives.ReadInt32LittleEndian(tag);
        if (type != MiMatrix)
            throw Damaged(where, string.Create(CultureInfo.InvariantCulture, $"compressed element type {type}"));
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(tag[4..]);
        byte[] matrix = Inflate.ReadExactly(zlib, length, body.Length, where);
        Inflate.ExpectEnd(zlib, where);
        return matrix;
    }

    private static MatArray ReadMatrix(ReadOnlyMemory<byte> body, string where)
    {
        (int flagsType, ReadOnlyMemory<byte> flags) = Next(ref body, where);
        (int sizesType, ReadOnlyMemory<byte> sizes) = Next(ref body, where);
        (int nameType, ReadOnlyMemory<byte> name) = Next(ref body, where);
        (int storage, ReadOnlyMemory<byte> data) = Next(ref body, where);
        if (flagsType != MiUInt32 || flags.Length != 8 || sizesType != MiInt32 || nameType is not (1 or UInt8))
            throw Damaged(where, "an array without flags, dimensions and a name");

        uint flagWord = BinaryPrimitives.ReadUInt32LittleEndian(flags.Span);
        const int FirstNumericClass = 6, LastNumericClass = 15;
        if ((flagWord & 0xff) is < FirstNumericClass or > LastNumericClass || (flagWord & 0x0800) != 0)
            throw Damaged(where, "an array that is not real and numeric");

        int rank = sizes.Length / 4;
        if (sizes.Length % 4 != 0 || rank is < 2 or > MaxDimensions) throw Damaged(where, "impossible dimensions");
        int size = (uint)storage < (uint)ValueBytes.Length ? ValueBytes[storage] : 0;
        if (size == 0) throw Damaged(where, string.Create(CultureInfo.InvariantCulture, $"values of type {storage}"));

        var dimensions = new int[rank];
        long count = 1;
        for (int i = 0; i < rank; i++)
        {
            dimensions[i] = BinaryPrimitives.ReadInt32LittleEndian(sizes.Span[(4 * i)..]);
            if (dimensions[i] < 1 || count * dimensions[i] > int.MaxValue)
                throw Damaged(where, "impossible dimensions");
            count *= dimensions[i];
        }

        if (count * size != data.Length)
            throw new DatasetException("the values of a .mat array do not fill its dimensions", where,
                DataFile.Bytes(count * size), DataFile.Bytes(data.Length));
        return new MatArray(Encoding.ASCII.GetString(name.Span), dimensions, storage, data);
    }

    private static (int Type, ReadOnlyMemory<byte> Data) Next(ref ReadOnlyMemory<byte> body, string where)
    {
        (int type, int offset, int length) = ReadTag(body.Span, where);
        ReadOnlyMemory<byte> data = body.Slice(offset, length);
        // The short form is eight bytes in all, the long one is padded to eight.
        int end = offset == 4 ? 8 : offset + Padded(length);
        body = body[Math.Min(end, body.Length)..];
        return (type, data);
    }

    private static (int Type, int Offset, int Length) ReadTag(ReadOnlySpan<byte> bytes, string where)
    {
        if (bytes.Length < 8) throw Damaged(where, "a tag cut short");
        uint first = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        bool isShort = first >> 16 != 0;
        uint type = isShort ? first & 0xffff : first;
        uint length = isShort ? first >> 16 : BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        int offset = isShort ? 4 : 8;
        if (length > (isShort ? 4u : (uint)(bytes.Length - offset)))
            throw new DatasetException("an element of the .mat file is longer than the file", where,
                "at most " + DataFile.Bytes(bytes.Length - offset), DataFile.Bytes(length), "fetch the file again");
        return ((int)type, offset, (int)length);
    }

    private static int Padded(int length) => length > int.MaxValue - 7 ? length : (length + 7) & ~7;

    private static DatasetException Damaged(string where, string found) =>
        new("the .mat file cannot be read", where, found: found, fix: "fetch the file again");
}
