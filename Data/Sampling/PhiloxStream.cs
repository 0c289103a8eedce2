namespace Codat.Native.Data;

/// <summary>A sequence of words from one key, purpose and index; a mutable struct that lives on the stack.</summary>
internal struct PhiloxStream
{
    private readonly ulong _key;
    private readonly uint _index;
    private readonly uint _epoch;
    private readonly uint _purpose;
    private PhiloxBlock _block;
    private uint _drawn;

    internal PhiloxStream(ulong seed, DrawPurpose purpose, uint index, uint epoch = 0)
    {
        _key = seed;
        _purpose = (uint)purpose << 24;
        _index = index;
        _epoch = epoch;
    }

    /// <summary>The next 32 bits; a stream has 2^34 bytes.</summary>
    internal uint Next()
    {
        uint lane = _drawn & 3;
        if (lane == 0) _block = Philox4x32.Block(_key, new PhiloxBlock(_index, _epoch, _purpose, _drawn >> 2));
        _drawn++;
        return lane switch { 0 => _block.X, 1 => _block.Y, 2 => _block.Z, _ => _block.W };
    }

    /// <summary>An unbiased number from 0 to <paramref name="bound"/> - 1 (multiplication with rejection).</summary>
    internal int NextBelow(int bound)
    {
        ulong product = (ulong)Next() * (uint)bound;
        if ((uint)product < (uint)bound)
        {
            // The lowest 2^32 mod bound products are one too many for some results: draw again.
            uint surplus = (uint)(-bound) % (uint)bound;
            while ((uint)product < surplus) product = (ulong)Next() * (uint)bound;
        }

        return (int)(product >> 32);
    }

    /// <summary>Puts the values in an order in which every permutation is equally likely (Fisher-Yates).</summary>
    internal void Shuffle(Span<int> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int j = NextBelow(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }
}
