using System.Buffers.Binary;
using System.Text;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Vectors of numbers as people hand them over: a comma list, a one-line file, or a npy file.</summary>
internal static class VectorText
{
    /// <summary>Reads numbers separated by commas or blanks.</summary>
    internal static double[] Parse(string text, string where)
    {
        string[] parts = text.Split([',', ' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0) throw SettingText.Bad(text, where, "numbers separated by commas");
        var values = new double[parts.Length];
        for (int i = 0; i < parts.Length; i++)
            values[i] = SettingText.Real(parts[i], where, "numbers separated by commas", static _ => true);
        return values;
    }

    /// <summary>Reads a vector from a npy file (float32 or float64) or from one line of numbers.</summary>
    internal static double[] ReadFile(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CodatException("the file cannot be read", path, "a npy file or one line of numbers",
                error.Message, inner: error);
        }
        bool npy = bytes.Length > 10 && bytes[0] == 0x93 && bytes.AsSpan(1, 5).SequenceEqual("NUMPY"u8);
        return npy ? ReadNpy(bytes, path) : Parse(Encoding.UTF8.GetString(bytes), path);
    }

    private static double[] ReadNpy(ReadOnlySpan<byte> file, string path)
    {
        const string Expected = "a npy vector of float32 or float64, little endian";
        int lengthBytes = file[6] == 1 ? 2 : 4;
        int start = 8 + lengthBytes;
        if (file.Length < start) throw SettingText.Bad("a cut-off file", path, Expected);
        int headerLength = lengthBytes == 2
            ? BinaryPrimitives.ReadUInt16LittleEndian(file[8..])
            : BinaryPrimitives.ReadInt32LittleEndian(file[8..]);
        if (headerLength < 0 || headerLength > file.Length - start)
            throw SettingText.Bad("a cut-off file", path, Expected);
        string header = Encoding.Latin1.GetString(file.Slice(start, headerLength));
        ReadOnlySpan<byte> data = file[(start + headerLength)..];
        int width = header.Contains("'<f8'", StringComparison.Ordinal) ? 8
            : header.Contains("'<f4'", StringComparison.Ordinal) ? 4
            : throw SettingText.Bad(header.Trim(), path, Expected);
        int count = VectorLength(header);
        if (count < 1 || (long)count * width != data.Length) throw SettingText.Bad(header.Trim(), path, Expected);
        var values = new double[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = width == 8
                ? BinaryPrimitives.ReadDoubleLittleEndian(data[(i * 8)..])
                : BinaryPrimitives.ReadSingleLittleEndian(data[(i * 4)..]);
            if (!double.IsFinite(values[i]))
                throw SettingText.Bad(SettingText.Print(values[i]), path, "finite numbers");
        }
        return values;
    }

    // The shape is written as a Python tuple: (10,) for a vector of ten; anything with a second number is none.
    private static int VectorLength(string header)
    {
        int open = header.IndexOf('(', StringComparison.Ordinal);
        int comma = open < 0 ? -1 : header.IndexOf(',', open);
        int close = open < 0 ? -1 : header.IndexOf(')', open);
        return comma > open && close == comma + 1
            && SettingText.TryInteger(header.AsSpan()[(open + 1)..comma], out int length)
            ? length
            : -1;
    }
}
