using System.Buffers.Binary;
using System.Globalization;

namespace Codat.Native.Data;

/// <summary>
/// The IDX format of MNIST and its kin: big-endian magic 0x0000TTDD (type 8 = byte, DD dimensions), one 32-bit length
/// for every dimension, then the bytes. Plain or gzip.
/// </summary>
internal static class IdxFormat
{
    private const uint ImageMagic = 0x0803;
    private const uint LabelMagic = 0x0801;

    /// <summary>Images (N, H, W) as one array; the array is the rest of the file, so it is copied once.</summary>
    internal static byte[] ReadImages(ReadOnlyMemory<byte> file, string where, out int count, out ImageShape shape)
    {
        ReadOnlyMemory<byte> bytes = Open(file, where);
        Span<int> sizes = stackalloc int[3];
        int header = ReadHeader(bytes.Span, ImageMagic, sizes, "images", where);
        count = sizes[0];
        shape = new ImageShape(sizes[1], sizes[2], 1);
        return bytes[header..].ToArray();
    }

    internal static int[] ReadLabels(ReadOnlyMemory<byte> file, int classes, string where)
    {
        ReadOnlyMemory<byte> bytes = Open(file, where);
        Span<int> sizes = stackalloc int[1];
        int header = ReadHeader(bytes.Span, LabelMagic, sizes, "labels", where);
        ReadOnlySpan<byte> data = bytes.Span[header..];
        var labels = new int[data.Length];
        for (int i = 0; i < data.Length; i++) labels[i] = LabelCheck.InRange(data[i], classes, i, where);
        return labels;
    }

    private static ReadOnlyMemory<byte> Open(ReadOnlyMemory<byte> file, string where) =>
        Inflate.IsGzip(file.Span) ? Inflate.Gzip(file, where) : file;

    private static int ReadHeader(ReadOnlySpan<byte> bytes, uint magic, Span<int> sizes, string what, string where)
    {
        int header = 4 + 4 * sizes.Length;
        if (bytes.Length < header)
            throw new DatasetException("the IDX header is truncated", where, DataFile.Bytes(header),
                DataFile.Bytes(bytes.Length));
        uint found = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (found != magic)
            throw new DatasetException($"this is not an IDX file of {what}", where,
                string.Create(CultureInfo.InvariantCulture, $"magic number {magic}"), DataFile.Number(found),
                found is ImageMagic or LabelMagic ? "the image and label files are swapped" : null);

        long total = 1;
        for (int i = 0; i < sizes.Length; i++)
        {
            uint size = BinaryPrimitives.ReadUInt32BigEndian(bytes[(4 + 4 * i)..]);
            total = size > int.MaxValue || total * size > int.MaxValue ? -1 : total * size;
            if (size == 0 || total < 0)
                throw new DatasetException("the IDX header has an impossible size", where,
                    found: DataFile.Number(size));
            sizes[i] = (int)size;
        }

        if (bytes.Length - header != total)
            throw new DatasetException("the IDX file has the wrong length", where, DataFile.Bytes(header + total),
                DataFile.Bytes(bytes.Length), "fetch the file again");
        return header;
    }
}
