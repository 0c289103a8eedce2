using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Codat.Native.Interop;

/// <summary>Hashing of several fields: each is preceded by its length, so that no two lists of fields meet.</summary>
internal static class LengthPrefixed
{
    internal static void Append(IncrementalHash hash, ReadOnlySpan<byte> field)
    {
        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, field.Length);
        hash.AppendData(length);
        hash.AppendData(field);
    }
}
