using System.Numerics;

namespace Codat.Native.Cli;

/// <summary>The checksum of TensorFlow's record files: CRC-32C (Castagnoli), rotated and offset.</summary>
internal static class MaskedCrc
{
    private const uint MaskDelta = 0xa282ead8;

    /// <summary>CRC-32C as in RFC 3720.</summary>
    internal static uint Crc32C(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data) crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }

    /// <summary>The masked form, so that a checksum of data that holds checksums stays useful.</summary>
    internal static uint Compute(ReadOnlySpan<byte> data)
        => unchecked(BitOperations.RotateRight(Crc32C(data), 15) + MaskDelta);
}
