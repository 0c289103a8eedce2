using System.Buffers.Binary;

namespace Codat.Native.Tests;

/// <summary>Damages bytes at random: flips, overwritten numbers, cuts, repeats, swaps.</summary>
internal static class Mutator
{
    private static readonly int[] s_interesting =
    [
        0, 1, -1, 2, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 1 << 24, 1 << 28, int.MaxValue, int.MinValue,
        int.MaxValue / 2, 60_000, 100_000_000,
    ];

    internal static int Interesting(Random random) => s_interesting[random.Next(s_interesting.Length)];

    /// <summary>A damaged copy; one to four changes.</summary>
    internal static byte[] Damage(Random random, byte[] source)
    {
        byte[] bytes = [.. source];
        for (int change = random.Next(1, 5); change > 0; change--) bytes = DamageOnce(random, bytes);
        return bytes;
    }

    private static byte[] DamageOnce(Random random, byte[] bytes)
    {
        if (bytes.Length < 8) return [.. bytes, .. new byte[random.Next(1, 40)]];
        // Headers are at the front (zip: also at the end), so half of the changes go there.
        int range = random.Next(2) == 0 ? Math.Min(bytes.Length, 64) : bytes.Length;
        int at = random.Next(range - 4);
        switch (random.Next(9))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 2:
                BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at), Interesting(random));
                return bytes;
            case 3:
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), Interesting(random));
                return bytes;
            case 4:
                return bytes[..random.Next(bytes.Length)];
            case 5:
                return [.. bytes, .. SampleFiles.Random(random.Next(1, 200), random.Next())];
            case 6:
                return [.. bytes.AsSpan(0, at), .. bytes.AsSpan(Math.Min(bytes.Length, at + random.Next(1, 20)))];
            case 7:
                int from = random.Next(bytes.Length - 1), length = random.Next(1, Math.Min(64, bytes.Length - from));
                return [.. bytes.AsSpan(0, at), .. bytes.AsSpan(from, length), .. bytes.AsSpan(at)];
            default:
                int end = bytes.Length - 1 - random.Next(Math.Min(bytes.Length, 48));
                (bytes[at], bytes[end]) = (bytes[end], bytes[at]);
                return bytes;
        }
    }
}
