namespace Codat.Native.Tests;

/// <summary>
/// Small whole numbers: sums of their products are exact in every precision, so results are compared exactly.
/// </summary>
internal static class SmallNumbers
{
    internal static float[] Make(long count, uint seed, int limit = 2)
    {
        var values = new float[count];
        uint state = seed * 2654435761u + 1;
        for (long i = 0; i < count; i++)
        {
            state = state * 1664525u + 1013904223u;
            values[i] = (int)(state >> 16) % (2 * limit + 1) is var v && v > limit ? limit - v : v;
        }
        return values;
    }
}
