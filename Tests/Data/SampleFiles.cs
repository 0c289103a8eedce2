using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Codat.Native.Data;

namespace Codat.Native.Tests;

/// <summary>Small valid files of every format, written by hand and not by the code under test.</summary>
internal static class SampleFiles
{
    internal static byte[] Random(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    internal static byte[] IdxImages(int count, int height, int width, byte[] pixels) =>
        [.. BigEndian(2051, (uint)count, (uint)height, (uint)width), .. pixels];

    internal static byte[] IdxLabels(byte[] labels) => [.. BigEndian(2049, (uint)labels.Length), .. labels];

    internal static byte[] Gzip(byte[] data)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal)) gzip.Write(data);
        return packed.ToArray();
    }

    internal static byte[] Zlib(byte[] data)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal)) zlib.Write(data);
        return packed.ToArray();
    }

    /// <summary>A PNG of IHDR, optional chunks, one IDAT and IEND; lines carry their filter bytes.</summary>
    internal static byte[] PngFile(int width, int height, byte colour, byte[] lines, byte depth = 8,
        byte interlace = 0,
        params (string Name, byte[] Data)[] extra)
    {
        var file = new List<byte>([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
        file.AddRange(PngChunk("IHDR", [.. BigEndian((uint)width, (uint)height), depth, colour, 0, 0, interlace]));
        foreach ((string name, byte[] data) in extra) file.AddRange(PngChunk(name, data));
        file.AddRange(PngChunk("IDAT", Zlib(lines)));
        file.AddRange(PngChunk("IEND", []));
        return [.. file];
    }

    internal static byte[] PngChunk(string name, byte[] data)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(name), .. data];
        return [.. BigEndian((uint)data.Length), .. body, .. BigEndian(SlowCrc(body))];
    }

    /// <summary>A MATLAB 5 file with X (32, 32, 3, N) and y (N, 1).</summary>
    internal static byte[] MatFile(byte[] x, byte[] y, bool compressed)
    {
        var header = new byte[128];
        header.AsSpan(0, 116).Fill((byte)' ');
        Encoding.ASCII.GetBytes("MATLAB 5.0 MAT-file", header);
        header[125] = 1;
        header[126] = (byte)'I';
        header[127] = (byte)'M';
        byte[] first = MatMatrix("X", [32, 32, 3, x.Length / 3072], x);
        byte[] second = MatMatrix("y", [y.Length, 1], y);
        return compressed
            ? [.. header, .. MatCompress(first), .. MatCompress(second)]
            : [.. header, .. first, .. second];
    }

    internal static byte[] MatCompress(byte[] element)
    {
        byte[] packed = Zlib(element);
        return [.. LittleEndian(15, (uint)packed.Length), .. packed];
    }

    internal static byte[] MatMatrix(string name, int[] dimensions, byte[] values)
    {
        byte[] body =
        [
            .. MatElement(6, LittleEndian(9, 0)),
            .. MatElement(5, LittleEndian(Array.ConvertAll(dimensions, d => (uint)d))),
            .. MatElement(1, Encoding.ASCII.GetBytes(name)),
            .. MatElement(2, values),
        ];
        return [.. LittleEndian(14, (uint)body.Length), .. body];
    }

    internal static byte[] NpyFile(string header, byte[] values)
    {
        byte[] text = Encoding.ASCII.GetBytes(header.PadRight((10 + header.Length + 64) / 64 * 64 - 11) + "\n");
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, (byte)(text.Length >> 8), .. text, .. values];
    }

    internal static byte[] NpzFile(params (string Name, byte[] Npy)[] arrays)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] npy) in arrays)
            {
                using Stream entry = zip.CreateEntry(name + ".npy", CompressionLevel.Optimal).Open();
                entry.Write(npy);
            }
        }

        return stream.ToArray();
    }

    internal static byte[] Cifar(int labelBytes, params (byte Label, byte[] Planes)[] records)
    {
        var file = new List<byte>();
        foreach ((byte label, byte[] planes) in records)
        {
            for (int i = 1; i < labelBytes; i++) file.Add(19);
            file.Add(label);
            file.AddRange(planes);
        }

        return [.. file];
    }

    /// <summary>CRC-32 bit by bit, from its definition.</summary>
    internal static uint SlowCrc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) == 1 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }

        return ~crc;
    }

    // What some publishers give is MD5.
#pragma warning disable CA5351
    internal static string Md5(ReadOnlySpan<byte> data) => Convert.ToHexStringLower(MD5.HashData(data));
#pragma warning restore CA5351

    internal static byte[] BigEndian(params ReadOnlySpan<uint> values)
    {
        var bytes = new byte[4 * values.Length];
        for (int i = 0; i < values.Length; i++) BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4 * i), values[i]);
        return bytes;
    }

    internal static byte[] LittleEndian(params ReadOnlySpan<uint> values)
    {
        var bytes = new byte[4 * values.Length];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 * i), values[i]);
        return bytes;
    }

    /// <summary>Images of one byte each, with the labels given.</summary>
    internal static MemoryDataset Labelled(int classes, params int[] labels)
    {
        var names = new string[classes];
        for (int k = 0; k < classes; k++) names[k] = "class " + k;
        var pixels = new byte[labels.Length];
        for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)i;
        return new MemoryDataset("labelled", new ImageShape(1, 1, 1), names, pixels, labels);
    }

    private static byte[] MatElement(uint type, byte[] data)
    {
        if (data.Length <= 4)
            return [.. LittleEndian((uint)data.Length << 16 | type), .. data, .. new byte[4 - data.Length]];
        return [.. LittleEndian(type, (uint)data.Length), .. data, .. new byte[(8 - data.Length % 8) % 8]];
    }
}
