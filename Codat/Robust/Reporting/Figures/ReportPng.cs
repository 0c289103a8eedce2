using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Codat.Native.Robust;

/// <summary>Writes 8-bit grey or RGB images as PNG data URIs (PNG specification, sections 5 and 11).</summary>
internal static class ReportPng
{
    private static readonly uint[] s_crcTable = CrcTable();

    /// <summary>The image, height x width x channels bytes with 1 or 3 channels, as a data URI.</summary>
    public static string DataUri(ReadOnlySpan<byte> pixels, int height, int width, int channels) =>
        "data:image/png;base64," + Convert.ToBase64String(Encode(pixels, height, width, channels));

    /// <summary>The image, height x width x channels bytes with 1 or 3 channels, as a PNG file.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> pixels, int height, int width, int channels)
    {
        if (channels is not (1 or 3)) throw new ArgumentOutOfRangeException(nameof(channels));
        ArgumentOutOfRangeException.ThrowIfNotEqual(pixels.Length, checked(height * width * channels));
        using var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = 8;
        header[9] = (byte)(channels == 1 ? 0 : 2);
        header[10..].Clear();
        Chunk(file, "IHDR", header);
        Chunk(file, "IDAT", Compress(pixels, width * channels));
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    // Every row starts with its filter; images this small gain nothing from any but "none".
    private static byte[] Compress(ReadOnlySpan<byte> pixels, int stride)
    {
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            for (var at = 0; at < pixels.Length; at += stride)
            {
                zlib.WriteByte(0);
                zlib.Write(pixels.Slice(at, stride));
            }
        }
        return compressed.ToArray();
    }

    private static void Chunk(MemoryStream file, string type, ReadOnlySpan<byte> data)
    {
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, data.Length);
        file.Write(word);
        Span<byte> name = stackalloc byte[4];
        Encoding.ASCII.GetBytes(type, name);
        file.Write(name);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(word, ~Crc(Crc(uint.MaxValue, name), data));
        file.Write(word);
    }

    private static uint Crc(uint crc, ReadOnlySpan<byte> data)
    {
        foreach (var value in data) crc = s_crcTable[(byte)crc ^ value] ^ (crc >> 8);
        return crc;
    }

    private static uint[] CrcTable()
    {
        const uint Polynomial = 0xEDB88320;
        var table = new uint[256];
        for (var i = 0u; i < table.Length; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? Polynomial ^ (crc >> 1) : crc >> 1;
            table[i] = crc;
        }
        return table;
    }
}
