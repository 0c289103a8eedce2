namespace Codat.Native.Data;

/// <summary>CRC-32 as in PNG, zip and gzip (polynomial 0xEDB88320, reflected), eight bytes a round.</summary>
internal static class Crc32
{
    private const int Slices = 8;
    private static readonly uint[] s_table = BuildTable();

    internal static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>Continues <paramref name="crc"/>, the checksum of the bytes before.</summary>
    internal static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint[] table = s_table;
        uint value = ~crc;
        while (bytes.Length >= Slices)
        {
            value ^= bytes[0] | (uint)bytes[1] << 8 | (uint)bytes[2] << 16 | (uint)bytes[3] << 24;
            value = table[7 * 256 + (byte)value] ^ table[6 * 256 + (byte)(value >> 8)]
                ^ table[5 * 256 + (byte)(value >> 16)] ^ table[4 * 256 + (byte)(value >> 24)]
                ^ table[3 * 256 + bytes[4]] ^ table[2 * 256 + bytes[5]] ^ table[256 + bytes[6]] ^ table[bytes[7]];
            bytes = bytes[Slices..];
        }

        foreach (byte b in bytes) value = table[(byte)(value ^ b)] ^ (value >> 8);
        return ~value;
    }

    private static uint[] BuildTable()
    {
        var table = new uint[Slices * 256];
        for (uint i = 0; i < 256; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? 0xEDB88320u ^ (value >> 1) : value >> 1;
            table[i] = value;
        }

        for (int i = 256; i < table.Length; i++) table[i] = table[(byte)table[i - 256]] ^ (table[i - 256] >> 8);
        return table;
    }
}
