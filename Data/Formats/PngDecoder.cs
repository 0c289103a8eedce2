using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Codat.Native.Data;

/// <summary>
/// Reads PNG: chunks with checksums, then one inflate over all IDAT chunks, then the five line filters.
/// </summary>
internal static class PngDecoder
{
    private const int ChunkOverhead = 12;

    internal static RasterImage Decode(ReadOnlyMemory<byte> file, string where)
    {
        if (!file.Span.StartsWith(Png.Signature)) throw new DatasetException("this is not a PNG image", where);
        ReadOnlyMemory<byte> rest = file[Png.Signature.Length..];
        Header? header = null;
        byte[]? palette = null;
        byte[]? alpha = null;
        using var compressed = new MemoryStream();
        while (true)
        {
            (string type, ReadOnlyMemory<byte> data) = NextChunk(ref rest, where);
            if (header is null != (type == "IHDR")) throw Damaged(where, "the header is not the first chunk");
            switch (type)
            {
                case "IHDR": header = ReadHeader(data.Span, where); break;
                case "PLTE": palette = ReadPalette(data.Span, where); break;
                case "tRNS": alpha = data.ToArray(); break;
                case "IDAT": compressed.Write(data.Span); break;
                case "IEND":
                    return Finish(header ?? throw Damaged(where, "no header"), palette, alpha, compressed, where);
                default:
                    if (char.IsAsciiLetterUpper(type[0])) throw Unsupported(where, "chunk " + type);
                    break;
            }
        }
    }

    private static (string Type, ReadOnlyMemory<byte> Data) NextChunk(ref ReadOnlyMemory<byte> rest, string where)
    {
        if (rest.Length < ChunkOverhead) throw Damaged(where, "the file ends before the chunk IEND");
        uint length = BinaryPrimitives.ReadUInt32BigEndian(rest.Span);
        if (length > rest.Length - ChunkOverhead) throw Damaged(where, "a chunk is longer than the file");
        ReadOnlyMemory<byte> body = rest.Slice(4, 4 + (int)length);
        foreach (byte letter in body.Span[..4])
            if (!char.IsAsciiLetter((char)letter)) throw Damaged(where, "a chunk name is not four letters");
        string type = Encoding.ASCII.GetString(body.Span[..4]);
        uint crc = BinaryPrimitives.ReadUInt32BigEndian(rest.Span[(8 + (int)length)..]);
        if (Crc32.Compute(body.Span) != crc) throw Damaged(where, "the checksum of chunk " + type + " does not match");
        rest = rest[(ChunkOverhead + (int)length)..];
        return (type, body[4..]);
    }

    private static Header ReadHeader(ReadOnlySpan<byte> data, string where)
    {
        if (data.Length != 13) throw Damaged(where, "the header chunk has the wrong length");
        uint width = BinaryPrimitives.ReadUInt32BigEndian(data);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        const int MaxSide = 1 << 16;
        if (width is 0 or > MaxSide || height is 0 or > MaxSide)
            throw Damaged(where, string.Create(CultureInfo.InvariantCulture, $"an image of {width} x {height}"));
        int colour = data[9];
        if (data[8] != 8)
            throw Unsupported(where, string.Create(CultureInfo.InvariantCulture, $"bit depth {data[8]}"));
        int channels = colour switch
        {
            Png.Grey or Png.Palette => 1,
            Png.Rgb => 3,
            Png.Rgba => 4,
            _ => throw Unsupported(where, string.Create(CultureInfo.InvariantCulture, $"colour type {colour}")),
        };
        if (data[10] != 0 || data[11] != 0) throw Unsupported(where, "an unknown compression or filter method");
        if (data[12] != 0) throw Unsupported(where, "interlacing");
        return new Header((int)width, (int)height, colour, channels);
    }

    private static byte[] ReadPalette(ReadOnlySpan<byte> data, string where) =>
        data.Length is 0 or > 768 || data.Length % 3 != 0
            ? throw Damaged(where, "an impossible palette")
            : data.ToArray();

    private static RasterImage Finish(Header header, byte[]? palette, byte[]? alpha, MemoryStream compressed,
        string where)
    {
        if (alpha is not null && header.Colour != Png.Palette) throw Unsupported(where, "a transparent colour");
        int stride = header.Width * header.Channels;
        compressed.Position = 0;
        using var zlib = new ZLibStream(compressed, CompressionMode.Decompress, leaveOpen: true);
        byte[] lines = Inflate.ReadExactly(zlib, (stride + 1L) * header.Height, compressed.Length, where);
        Inflate.ExpectEnd(zlib, where);
        byte[] pixels = Unfilter(lines, header.Height, stride, header.Channels, where);
        var shape = new ImageShape(header.Height, header.Width, header.Channels);
        return header.Colour == Png.Palette
            ? Expand(pixels, shape, palette, alpha, where)
            : new RasterImage(shape, pixels);
    }

    private static byte[] Unfilter(byte[] lines, int height, int stride, int step, string where)
    {
        var pixels = new byte[height * stride];
        ReadOnlySpan<byte> above = new byte[stride];
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> line = lines.AsSpan(y * (stride + 1) + 1, stride);
            Span<byte> row = pixels.AsSpan(y * stride, stride);
            UnfilterLine(lines[y * (stride + 1)], line, above, row, step, where);
            above = row;
        }

        return pixels;
    }

    private static void UnfilterLine(byte filter, ReadOnlySpan<byte> line, ReadOnlySpan<byte> above, Span<byte> row,
        int step, string where)
    {
        if (filter > 4) throw Damaged(where, string.Create(CultureInfo.InvariantCulture, $"line filter {filter}"));
        for (int x = 0; x < line.Length; x++)
        {
            int left = x >= step ? row[x - step] : 0;
            int upLeft = x >= step ? above[x - step] : 0;
            int predicted = filter switch
            {
                0 => 0,
                1 => left,
                2 => above[x],
                3 => (left + above[x]) / 2,
                _ => Png.Paeth(left, above[x], upLeft),
            };
            row[x] = (byte)(line[x] + predicted);
        }
    }

    private static RasterImage Expand(byte[] indices, ImageShape shape, byte[]? palette, byte[]? alpha, string where)
    {
        if (palette is null) throw Damaged(where, "a palette image without a palette");
        int channels = alpha is null ? 3 : 4;
        var pixels = new byte[(long)indices.Length * channels];
        for (int i = 0; i < indices.Length; i++)
        {
            int entry = indices[i] * 3;
            if (entry >= palette.Length) throw Damaged(where, "a pixel outside the palette");
            palette.AsSpan(entry, 3).CopyTo(pixels.AsSpan(i * channels));
            if (alpha is not null) pixels[i * 4 + 3] = indices[i] < alpha.Length ? alpha[indices[i]] : (byte)255;
        }

        return new RasterImage(shape with { Channels = channels }, pixels);
    }

    private static DatasetException Damaged(string where, string found) =>
        new("the PNG image is damaged", where, found: found);

    private static DatasetException Unsupported(string where, string found) =>
        new("this kind of PNG image is not supported", where,
            "8 bits a channel; grey, RGB, RGBA or palette; no interlacing",
            found, "convert the image");

    private sealed record Header(int Width, int Height, int Colour, int Channels);
}
