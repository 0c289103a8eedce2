using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// The random choices of one query of Square: words of the counter-based generator, one after the other.
/// </summary>
internal struct SquareDraws(ulong seed, uint id, int restart, int step)
{
    private readonly uint _use = Philox.Use(RandomPurpose.SquareSearch, step >> 12, step & 4095);
    private uint _a, _b, _c, _d;
    private uint _drawn;

    /// <summary>A number of 0 to below <paramref name="limit"/>.</summary>
    public int Below(int limit) => (int)(((ulong)Next() * (ulong)limit) >> 32);

    /// <summary>-1 or 1.</summary>
    public float Sign() => Next() >> 31 == 0 ? -1 : 1;

    private uint Next()
    {
        var place = _drawn & 3;
        if (place == 0)
            Philox.Next(seed, id, (uint)restart, _use, _drawn / 4, out _a, out _b, out _c, out _d);
        _drawn++;
        return place == 0 ? _a : place == 1 ? _b : place == 2 ? _c : _d;
    }
}
