using System.Globalization;

namespace Codat.Native.Data;

/// <summary>Binary PPM (P6, RGB) and PGM (P5, grey) images with eight bits a channel.</summary>
internal static class PnmFormat
{
    internal static RasterImage Read(ReadOnlyMemory<byte> file, string where)
    {
        ReadOnlySpan<byte> bytes = file.Span;
        if (bytes.Length < 3 || bytes[0] != 'P' || bytes[1] is not ((byte)'5' or (byte)'6'))
            throw new DatasetException("this is not a binary PPM or PGM image", where, "P6 or P5");
        int channels = bytes[1] == '6' ? 3 : 1;
        int position = 2;
        int width = ReadNumber(bytes, ref position, where);
        int height = ReadNumber(bytes, ref position, where);
        int maximum = ReadNumber(bytes, ref position, where);
        if (maximum != 255)
            throw new DatasetException("the image does not have eight bits a channel", where, "maximum 255",
                DataFile.Number(maximum));
        if (width < 1 || height < 1)
            throw new DatasetException("the image is empty", where,
                found: string.Create(CultureInfo.InvariantCulture, $"{width} x {height}"));
        position++; // exactly one white space before the pixels
        long expected = (long)width * height * channels;
        if (bytes.Length - position != expected)
            throw new DatasetException("the image file has the wrong length", where,
                DataFile.Bytes(position + expected), DataFile.Bytes(bytes.Length));
        return new RasterImage(new ImageShape(height, width, channels), bytes[position..].ToArray());
    }

    private static int ReadNumber(ReadOnlySpan<byte> bytes, ref int position, string where)
    {
        int start = position;
        while (position < bytes.Length && (IsSpace(bytes[position]) || bytes[position] == '#'))
        {
            if (bytes[position] == '#')
                while (position < bytes.Length && bytes[position] != '\n') position++;
            else
                position++;
        }

        int value = 0, digits = 0;
        for (; position < bytes.Length && char.IsAsciiDigit((char)bytes[position]); position++, digits++)
            value = Math.Min(1 << 24, value * 10 + (bytes[position] - '0'));
        bool ended = position < bytes.Length && (IsSpace(bytes[position]) || bytes[position] == '#');
        if (digits == 0 || value >= 1 << 24 || !ended || start == position)
            throw new DatasetException("the image header is damaged", where, "width, height and 255");
        return value;
    }

    private static bool IsSpace(byte b) => b is (byte)' ' or (>= 9 and <= 13);
}
