using System.Buffers.Binary;
using System.IO.Compression;

namespace Codat.Native.Data;

/// <summary>Writes PNG; every line gets the filter with the smallest sum of absolute differences.</summary>
internal static class PngEncoder
{
    private const int Filters = 5;

    internal static byte[] Encode(ReadOnlySpan<byte> pixels, ImageShape shape)
    {
        if (shape.Channels is not (1 or 3) || shape.Height < 1 || shape.Width < 1)
            throw new ArgumentException($"A PNG image has 1 or 3 channels, not {shape}.", nameof(shape));
        if (pixels.Length != shape.Bytes)
            throw new ArgumentException($"An image of {shape} has another number of bytes.", nameof(pixels));

        using var file = new MemoryStream();
        file.Write(Png.Signature);
        Span<byte> header = stackalloc byte[13];
        header.Clear();
        BinaryPrimitives.WriteInt32BigEndian(header, shape.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], shape.Height);
        header[8] = 8;
        header[9] = (byte)(shape.Channels == 1 ? Png.Grey : Png.Rgb);
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "IDAT"u8, Compress(pixels, shape));
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static byte[] Compress(ReadOnlySpan<byte> pixels, ImageShape shape)
    {
        int stride = shape.Width * shape.Channels;
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var candidate = new byte[stride + 1];
            var best = new byte[stride + 1];
            ReadOnlySpan<byte> above = new byte[stride];
            for (int y = 0; y < shape.Height; y++)
            {
                ReadOnlySpan<byte> row = pixels.Slice(y * stride, stride);
                long bestCost = long.MaxValue;
                for (int filter = 0; filter < Filters; filter++)
                {
                    long cost = Filter(filter, row, above, candidate, shape.Channels);
                    if (cost >= bestCost) continue;
                    bestCost = cost;
                    (candidate, best) = (best, candidate);
                }

                zlib.Write(best);
                above = row;
            }
        }

        return compressed.ToArray();
    }

    private static long Filter(int filter, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, Span<byte> line, int step)
    {
        line[0] = (byte)filter;
        long cost = 0;
        for (int x = 0; x < row.Length; x++)
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
            byte difference = (byte)(row[x] - predicted);
            line[x + 1] = difference;
            cost += Math.Abs((int)(sbyte)difference);
        }

        return cost;
    }

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(type);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Append(Crc32.Compute(type), data));
        file.Write(number);
    }
}
