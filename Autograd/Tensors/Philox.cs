using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd;

/// <summary>
/// The counter-based generator Philox4x32-10 (Salmon et al. 2011): numbers are a function of key and counter alone.
/// </summary>
/// <remarks>
/// Key = seed. Counter = (sample id, epoch, purpose &lt;&lt; 24 | restart &lt;&lt; 12 | step, element / 4): no two uses
/// share draws, and nothing depends on batch order, batch size, threads or device.
/// </remarks>
public static class Philox
{
    /// <summary>Four random words for a key and a counter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Next(
        ulong seed, uint c0, uint c1, uint c2, uint c3, out uint r0, out uint r1, out uint r2, out uint r3)
    {
        var (k0, k1) = ((uint)seed, (uint)(seed >> 32));
        for (var round = 0; round < 10; round++)
        {
            var p0 = 0xD2511F53ul * c0;
            var p1 = 0xCD9E8D57ul * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }
        (r0, r1, r2, r3) = (c0, c1, c2, c3);
    }

    /// <summary>The third counter word of a use.</summary>
    public static uint Use(RandomPurpose purpose, int restart = 0, int step = 0) =>
        ((uint)purpose << 24) | ((uint)restart << 12) | (uint)step;

    /// <summary>A word as a number in [0,1) with 24 bits: exact in float and double.</summary>
    public static float Uniform(uint word) => (word >> 8) * (1f / 16777216f);

    /// <summary>Two words as two independent standard normal numbers (Box and Muller).</summary>
    public static (double, double) Normal(uint a, uint b)
    {
        var radius = Math.Sqrt(-2 * Math.Log(((a >> 8) + 0.5) / 16777216.0));
        var (sin, cos) = Math.SinCos(2 * Math.PI * ((b >> 8) / 16777216.0));
        return (radius * cos, radius * sin);
    }
}

/// <summary>
/// What random numbers are used for: a part of the counter, so that uses never share draws. Part of the saved state:
/// never renumber.
/// </summary>
public enum RandomPurpose : byte
{
    /// <summary>Initial weights.</summary>
    Weights = 1,

    /// <summary>Attack starts in training.</summary>
    AttackStart = 2,

    /// <summary>Attack starts in evaluation.</summary>
    EvaluationStart = 3,

    /// <summary>Crops and flips.</summary>
    Augment = 4,

    /// <summary>Starts of untargeted APGD.</summary>
    ApgdStart = 5,

    /// <summary>Starts of targeted APGD.</summary>
    TargetedStart = 6,

    /// <summary>Later starts of FAB.</summary>
    FabStart = 7,

    /// <summary>Windows and signs of Square; the step is spread over the restart's bits, which is in the epoch's
    /// place.</summary>
    SquareSearch = 8,
}
