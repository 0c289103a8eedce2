using System.Buffers.Binary;
using System.Security.Cryptography;
using Codat.Native.Data;

namespace Codat.Native.Robust;

/// <summary>Tells splits apart by content.</summary>
internal static class SplitHash
{
    /// <summary>SHA-256 over sample ids, labels and pixels, in the order of the split.</summary>
    public static string Of(IDataset images)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var pixels = new byte[images.Shape.Bytes];
        Span<byte> head = stackalloc byte[8];
        for (var i = 0; i < images.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(head, images.SampleId(i));
            BinaryPrimitives.WriteInt32LittleEndian(head[4..], images.Label(i));
            hash.AppendData(head);
            images.Read(i, pixels);
            hash.AppendData(pixels);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
