using System.Globalization;
using System.Text;

namespace Codat.Native.Data;

/// <summary>
/// NumPy <c>.npy</c> files, versions 1.0 to 3.0: uint8, int32, int64, float32 and float64, little endian, C order.
/// </summary>
public static class Npy
{
    private const int PreambleBytes = 10;
    private const int Alignment = 64;

    internal static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads a file whole.</summary>
    /// <exception cref="DatasetException">The file is missing, damaged, or of a type or order that is not
    /// supported.</exception>
    public static NpyArray Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Parse(DataFile.ReadAll(path), path);
    }

    /// <summary>Reads an array from the bytes of a file; the values are not copied.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="where">Name for error messages.</param>
    /// <exception cref="DatasetException">The bytes are damaged, or of a type or order that is not
    /// supported.</exception>
    public static NpyArray Parse(ReadOnlyMemory<byte> file, string where)
    {
        (NpyType type, int[] shape, int dataOffset) = NpyHeader.Read(file.Span, where);
        return new NpyArray(type, shape, file[dataOffset..]);
    }

    /// <summary>Writes a file: to a temporary name beside it, flushed, then renamed.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="values">All values, last index fastest.</param>
    /// <param name="shape">Length of every dimension; their product is the number of values.</param>
    public static void Write<T>(string path, ReadOnlySpan<T> values, params ReadOnlySpan<int> shape)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(path);
        string temporary = path + ".tmp";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            Write(stream, values, shape);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Writes an array to a stream, version 1.0.</summary>
    /// <param name="stream">Where to write.</param>
    /// <param name="values">All values, last index fastest.</param>
    /// <param name="shape">Length of every dimension; their product is the number of values.</param>
    public static void Write<T>(Stream stream, ReadOnlySpan<T> values, params ReadOnlySpan<int> shape)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(stream);
        long count = 1;
        foreach (int length in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(shape));
            count = checked(count * length);
        }

        if (count != values.Length)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"{values.Length} values do not fill the shape {DescribeShape(shape)}."), nameof(shape));

        string descr = Describe(TypeOf<T>());
        string text = $"{{'descr': '{descr}', 'fortran_order': False, 'shape': {DescribeShape(shape)}, }}";
        int headerBytes = (PreambleBytes + text.Length + 1 + Alignment - 1) / Alignment * Alignment;
        var header = new byte[headerBytes];
        Magic.CopyTo(header);
        header[6] = 1;
        int length16 = checked((ushort)(headerBytes - PreambleBytes));
        header[8] = (byte)length16;
        header[9] = (byte)(length16 >> 8);
        header.AsSpan(PreambleBytes).Fill((byte)' ');
        Encoding.ASCII.GetBytes(text, header.AsSpan(PreambleBytes));
        header[^1] = (byte)'\n';
        stream.Write(header);
        stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values));
    }

    internal static int SizeOf(NpyType type) => type switch
    {
        NpyType.UInt8 => 1,
        NpyType.Int32 or NpyType.Float32 => 4,
        _ => 8,
    };

    internal static string Describe(NpyType type) => type switch
    {
        NpyType.UInt8 => "|u1",
        NpyType.Int32 => "<i4",
        NpyType.Int64 => "<i8",
        NpyType.Float32 => "<f4",
        _ => "<f8",
    };

    internal static NpyType TypeOf<T>() where T : unmanaged =>
        typeof(T) == typeof(byte) ? NpyType.UInt8
        : typeof(T) == typeof(int) ? NpyType.Int32
        : typeof(T) == typeof(long) ? NpyType.Int64
        : typeof(T) == typeof(float) ? NpyType.Float32
        : typeof(T) == typeof(double) ? NpyType.Float64
        : throw new NotSupportedException($"NumPy files of {typeof(T).Name} are not supported.");

    internal static string DescribeShape(ReadOnlySpan<int> shape)
    {
        var text = new StringBuilder("(");
        for (int i = 0; i < shape.Length; i++)
            text.Append(i == 0 ? "" : ", ").Append(shape[i].ToString(CultureInfo.InvariantCulture));
        return text.Append(shape.Length == 1 ? ",)" : ")").ToString();
    }
}
