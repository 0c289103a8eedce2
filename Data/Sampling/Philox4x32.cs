namespace Codat.Native.Data;

/// <summary>Four 32-bit words: a counter of Philox and what comes out of it.</summary>
internal readonly record struct PhiloxBlock(uint X, uint Y, uint Z, uint W);

/// <summary>
/// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): a pure function from key and
/// counter to 128 random bits, so a draw depends on what it is for and on nothing drawn before.
/// </summary>
internal static class Philox4x32
{
    private const int Rounds = 10;
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;

    /// <summary>The block at <paramref name="counter"/> for a 64-bit key, low word first.</summary>
    internal static PhiloxBlock Block(ulong key, PhiloxBlock counter)
    {
        uint x = counter.X, y = counter.Y, z = counter.Z, w = counter.W;
        uint key0 = (uint)key, key1 = (uint)(key >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            ulong product0 = (ulong)Multiplier0 * x;
            ulong product1 = (ulong)Multiplier1 * z;
            x = (uint)(product1 >> 32) ^ y ^ key0;
            y = (uint)product1;
            z = (uint)(product0 >> 32) ^ w ^ key1;
            w = (uint)product0;
            key0 += Weyl0;
            key1 += Weyl1;
        }

        return new PhiloxBlock(x, y, z, w);
    }
}
