using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <summary>Input gradient of stride 2 and padding 1: 25 multiplications for 16 outputs instead of 36.</summary>
/// <remarks>
/// With the taps turned by 180 degrees, a line's even pixel 2i gets g1 y[i] and its odd pixel 2i+1 gets
/// g0 y[i] + g2 y[i+1], a stride-1 convolution with two taps, which F(2, 2) computes with 3 multiplications for 2
/// pixels.
/// </remarks>
/// <typeparam name="T">Element type.</typeparam>
/// <typeparam name="V">Vector type.</typeparam>
/// <typeparam name="S">Instructions.</typeparam>
internal readonly unsafe struct WinogradStrideTwoGradient<T, V, S> : IWinograd<T, V, S>
    where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    where V : unmanaged
    where S : struct, ISimd<T, V>
{
    /// <inheritdoc/>
    public static int Positions
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 25;
    }

    /// <inheritdoc/>
    public static int Window
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 3;
    }

    /// <inheritdoc/>
    public static int Step
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2;
    }

    /// <inheritdoc/>
    public static int Outputs
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 4;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformInput(T** p, int vectors, T* to, nint position)
    {
        nint c = 0;
        for (; vectors > 0; vectors--)
        {
            V a0 = S.Load(p[0] + c), a1 = S.Load(p[1] + c), a2 = S.Load(p[2] + c);
            V b0 = S.Load(p[3] + c), b1 = S.Load(p[4] + c), b2 = S.Load(p[5] + c);
            V d0 = S.Load(p[6] + c), d1 = S.Load(p[7] + c), d2 = S.Load(p[8] + c);
            StoreLine(S.Sub(a0, b0), S.Sub(a1, b1), S.Sub(a2, b2), to, position);
            StoreLine(b0, b1, b2, to + (5 * position), position);
            StoreLine(S.Sub(b0, d0), S.Sub(b1, d1), S.Sub(b2, d2), to + (10 * position), position);
            StoreLine(a0, a1, a2, to + (15 * position), position);
            StoreLine(b0, b1, b2, to + (20 * position), position);
            c += S.Width;
            to += S.Rows * S.Width;
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TransformOutput(T* from, nint position, in WinogradTile<T, V, S> tile)
    {
        PutLine(
            S.Load(from + (15 * position)),
            S.Load(from + (16 * position)),
            S.Load(from + (17 * position)),
            S.Load(from + (18 * position)),
            S.Load(from + (19 * position)),
            0, tile);
        PutLine(
            S.Add(S.Load(from), S.Load(from + (5 * position))),
            S.Add(S.Load(from + position), S.Load(from + (6 * position))),
            S.Add(S.Load(from + (2 * position)), S.Load(from + (7 * position))),
            S.Add(S.Load(from + (3 * position)), S.Load(from + (8 * position))),
            S.Add(S.Load(from + (4 * position)), S.Load(from + (9 * position))),
            1, tile);
        PutLine(
            S.Load(from + (20 * position)),
            S.Load(from + (21 * position)),
            S.Load(from + (22 * position)),
            S.Load(from + (23 * position)),
            S.Load(from + (24 * position)),
            2, tile);
        PutLine(
            S.Sub(S.Load(from + (5 * position)), S.Load(from + (10 * position))),
            S.Sub(S.Load(from + (6 * position)), S.Load(from + (11 * position))),
            S.Sub(S.Load(from + (7 * position)), S.Load(from + (12 * position))),
            S.Sub(S.Load(from + (8 * position)), S.Load(from + (13 * position))),
            S.Sub(S.Load(from + (9 * position)), S.Load(from + (14 * position))),
            3, tile);
    }

    /// <inheritdoc/>
    // (g0, g0 + g2, g2, g1, g1)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TransformWeights(V g0, V g1, V g2, V* to, int step)
    {
        to[0] = g0;
        to[step] = S.Add(g0, g2);
        to[2 * step] = g2;
        to[3 * step] = g1;
        to[4 * step] = g1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreLine(V d0, V d1, V d2, T* to, nint position)
    {
        S.Store(to, S.Sub(d0, d1));
        S.Store(to + position, d1);
        S.Store(to + (2 * position), S.Sub(d1, d2));
        S.Store(to + (3 * position), d0);
        S.Store(to + (4 * position), d1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutLine(V m0, V m1, V m2, V m3, V m4, int row, in WinogradTile<T, V, S> tile)
    {
        tile.Put(row, 0, m3);
        tile.Put(row, 1, S.Add(m0, m1));
        tile.Put(row, 2, m4);
        tile.Put(row, 3, S.Sub(m1, m2));
    }
}
