using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Codat.Native.Data;

/// <summary>
/// The header of a <c>.npy</c> file: a Python dictionary with exactly the keys descr, fortran_order and shape.
/// Everything is checked against the length of the file before anything is allocated.
/// </summary>
internal ref struct NpyHeader
{
    private const int MaxHeaderBytes = 1 << 16;
    private const int MaxRank = 32;

    private readonly ReadOnlySpan<char> _text;
    private readonly string _where;
    private int _position;

    private NpyHeader(ReadOnlySpan<char> text, string where)
    {
        _text = text;
        _where = where;
    }

    internal static (NpyType Type, int[] Shape, int DataOffset) Read(ReadOnlySpan<byte> file, string where)
    {
        if (file.Length < 10 || !file.StartsWith(Npy.Magic))
            throw new DatasetException("this is not a NumPy file", where);
        int major = file[6];
        if (major is < 1 or > 3 || file[7] != 0)
            throw new DatasetException("the version of the NumPy file is not supported", where, "1.0, 2.0 or 3.0",
                string.Create(CultureInfo.InvariantCulture, $"{major}.{file[7]}"));
        int prefix = major == 1 ? 10 : 12;
        if (file.Length < prefix) throw Damaged(where, "the header is cut short");
        uint length = major == 1
            ? BinaryPrimitives.ReadUInt16LittleEndian(file[8..])
            : BinaryPrimitives.ReadUInt32LittleEndian(file[8..]);
        if (length > MaxHeaderBytes || length > file.Length - prefix)
            throw Damaged(where, string.Create(CultureInfo.InvariantCulture, $"a header of {length} bytes"));

        int dataOffset = prefix + (int)length;
        Encoding encoding = major == 3 ? Encoding.UTF8 : Encoding.Latin1;
        var header = new NpyHeader(encoding.GetString(file[prefix..dataOffset]), where);
        (NpyType type, int[] shape) = header.ReadDictionary();
        // A zero length makes an empty array whatever the others are; beyond the file's length the sum is not needed.
        long bytes = Array.IndexOf(shape, 0) >= 0 ? 0 : Npy.SizeOf(type);
        for (int i = 0; i < shape.Length && bytes <= file.Length; i++) bytes *= shape[i];
        if (file.Length - dataOffset != bytes)
            throw new DatasetException("the NumPy file has the wrong length for its shape", where,
                "values for " + Npy.DescribeShape(shape) + " " + Npy.Describe(type),
                DataFile.Bytes(file.Length - dataOffset));
        return (type, shape, dataOffset);
    }

    private (NpyType Type, int[] Shape) ReadDictionary()
    {
        string? descr = null;
        bool? fortran = null;
        int[]? shape = null;
        Expect('{');
        while (!TryTake('}'))
        {
            string key = ReadText();
            Expect(':');
            switch (key)
            {
                case "descr" when descr is null: descr = ReadText(); break;
                case "fortran_order" when fortran is null: fortran = ReadTruth(); break;
                case "shape" when shape is null: shape = ReadTuple(); break;
                default: throw Damaged(_where, "the header key " + key);
            }

            if (TryTake(',')) continue;
            Expect('}');
            break;
        }

        SkipSpace();
        if (_position != _text.Length) throw Damaged(_where, "text after the header");
        if (descr is null || fortran is null || shape is null) throw Damaged(_where, "a header with a key missing");
        if (fortran.Value && shape.Length > 1)
            throw new DatasetException("the array is in Fortran order", _where, "C order",
                fix: "save it with numpy.ascontiguousarray");
        NpyType type = descr switch
        {
            "|u1" or "<u1" or "u1" => NpyType.UInt8,
            "<i4" => NpyType.Int32,
            "<i8" => NpyType.Int64,
            "<f4" => NpyType.Float32,
            "<f8" => NpyType.Float64,
            _ => throw new DatasetException("the element type is not supported", _where,
                "uint8, int32, int64, float32 or float64, little endian", descr, "convert it with numpy.astype"),
        };
        return (type, shape);
    }

    private string ReadText()
    {
        SkipSpace();
        if (_position == _text.Length || _text[_position] is not ('\'' or '"'))
            throw Damaged(_where, "no quoted text");
        char quote = _text[_position++];
        int length = _text[_position..].IndexOf(quote);
        if (length < 0) throw Damaged(_where, "text without an end");
        string text = _text.Slice(_position, length).ToString();
        _position += length + 1;
        return text;
    }

    private bool ReadTruth()
    {
        SkipSpace();
        if (_text[_position..].StartsWith("False"))
        {
            _position += 5;
            return false;
        }

        if (!_text[_position..].StartsWith("True")) throw Damaged(_where, "fortran_order is neither True nor False");
        _position += 4;
        return true;
    }

    private int[] ReadTuple()
    {
        var sizes = new List<int>();
        Expect('(');
        while (!TryTake(')'))
        {
            if (sizes.Count == MaxRank) throw Damaged(_where, "too many dimensions");
            sizes.Add(ReadSize());
            if (TryTake(',')) continue;
            // (3) without a comma is a number in Python, not a shape.
            if (sizes.Count == 1) throw Damaged(_where, "a shape that is not a tuple");
            Expect(')');
            break;
        }

        return [.. sizes];
    }

    private int ReadSize()
    {
        SkipSpace();
        long value = 0;
        int digits = 0;
        for (; _position < _text.Length && char.IsAsciiDigit(_text[_position]); _position++, digits++)
        {
            value = value * 10 + (_text[_position] - '0');
            if (value > int.MaxValue) throw Damaged(_where, "a length beyond 2^31");
        }

        return digits > 0 ? (int)value : throw Damaged(_where, "a length that is not a number");
    }

    private bool TryTake(char c)
    {
        SkipSpace();
        if (_position == _text.Length || _text[_position] != c) return false;
        _position++;
        return true;
    }

    private void Expect(char c)
    {
        if (!TryTake(c)) throw Damaged(_where, "no " + c + " where the header needs one");
    }

    private void SkipSpace()
    {
        while (_position < _text.Length && _text[_position] is ' ' or '\n' or '\r' or '\t') _position++;
    }

    private static DatasetException Damaged(string where, string found) =>
        new("the NumPy file cannot be read", where, found: found);
}
