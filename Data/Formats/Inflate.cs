using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Codat.Native.Data;

/// <summary>Decompression that cannot be talked into more memory than the compressed bytes can really fill.</summary>
internal static class Inflate
{
    /// <summary>
    /// Deflate emits at most 258 bytes for every 2 bits, so no valid stream expands further than this.
    /// </summary>
    private const int MaxExpansion = 1032;

    private const int FirstChunk = 64 * 1024;
    private const int GzipHeader = 10;
    private const int GzipTrailer = 8;

    internal static bool IsGzip(ReadOnlySpan<byte> bytes) => bytes.Length >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;

    /// <summary>A read-only stream over the bytes, without a copy when they come from an array.</summary>
    internal static MemoryStream Open(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> segment) && segment.Array is not null
            ? new MemoryStream(segment.Array, segment.Offset, segment.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false);

    /// <summary>All bytes of a gzip file of one member; its checksum and length are checked.</summary>
    internal static byte[] Gzip(ReadOnlyMemory<byte> bytes, string where)
    {
        if (bytes.Length < GzipHeader + GzipTrailer)
            throw new DatasetException("the gzip file is truncated", where,
                $"at least {GzipHeader + GzipTrailer} bytes", DataFile.Bytes(bytes.Length));
        // The trailer holds the length modulo 2^32, and arrays end before that.
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span[^4..]);
        using var gzip = new GZipStream(Open(bytes), CompressionMode.Decompress);
        byte[] data = ReadExactly(gzip, length, bytes.Length, where);
        ExpectEnd(gzip, where);
        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span[^GzipTrailer..]);
        if (Crc32.Compute(data) != crc) throw new DatasetException("the gzip checksum does not match", where);
        return data;
    }

    /// <summary>
    /// Reads exactly <paramref name="claimed"/> bytes. The array grows with what really arrives, so a false claim costs
    /// no more than the data behind it.
    /// </summary>
    internal static byte[] ReadExactly(Stream inflated, long claimed, long compressedBytes, string where)
    {
        long possible = compressedBytes * MaxExpansion;
        if (claimed > possible || claimed > Array.MaxLength)
            throw new DatasetException("the file claims more data than it can hold", where,
                "at most " + DataFile.Bytes(Math.Min(possible, Array.MaxLength)), DataFile.Bytes(claimed));

        int first = (int)Math.Min(claimed, Math.Max(FirstChunk, compressedBytes));
        byte[] data = GC.AllocateUninitializedArray<byte>(first);
        int filled = 0;
        while (true)
        {
            int read = TryRead(inflated, data.AsSpan(filled), where);
            filled += read;
            if (filled == claimed) return data.Length == filled ? data : data[..filled];
            if (filled < data.Length)
                throw new DatasetException("the compressed data is truncated", where, DataFile.Bytes(claimed),
                    DataFile.Bytes(filled));
            Array.Resize(ref data, (int)Math.Min(claimed, 2L * data.Length));
        }
    }

    /// <summary>Fails unless the stream ends here; also makes the decoder check its own checksum.</summary>
    internal static void ExpectEnd(Stream inflated, string where)
    {
        Span<byte> extra = stackalloc byte[1];
        if (TryRead(inflated, extra, where) != 0)
            throw new DatasetException("the compressed data goes on after its end", where);
    }

    /// <summary>Reads until the span is full or the stream ends; returns the bytes read.</summary>
    internal static int TryRead(Stream inflated, Span<byte> destination, string where)
    {
        try
        {
            return inflated.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or NotSupportedException)
        {
            throw new DatasetException("the compressed data is damaged", where, found: e.Message, inner: e);
        }
    }
}
