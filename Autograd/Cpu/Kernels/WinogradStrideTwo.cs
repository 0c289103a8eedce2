using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <summary>Stride 2: 25 multiplications for 4 outputs instead of 36.</summary>
/// <remarks>
/// Along a line, output i is g0 x[2i] + g1 x[2i+1] + g2 x[2i+2]: the outer taps are a stride-1 convolution of every
/// second
/// pixel with two taps, which F(2, 2) computes with 3 multiplications for 2 outputs, and the middle tap takes 2 more.
/// </remarks>
/// <typeparam name="T">Element type.</typeparam>
/// <typeparam name="V">Vector type.</typeparam>
/// <typeparam name="S">Instructions.</typeparam>
internal readonly unsafe struct WinogradStrideTwo<T, V, S> : IWinograd<T, V, S>
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
        get => 5;
    }

    /// <inheritdoc/>
    public static int Step
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 4;
    }

    /// <inheritdoc/>
    public static int Outputs
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformInput(T** p, int vectors, T* to, nint position)
    {
        nint c = 0;
        for (; vectors > 0; vectors--)
        {
            V m0 = S.Load(p[10] + c), m1 = S.Load(p[11] + c), m2 = S.Load(p[12] + c), m3 = S.Load(p[13] + c),
                m4 = S.Load(p[14] + c);
            StoreLine(m0, m1, m2, m3, m4, to + (5 * position), position);
            V a0 = S.Load(p[0] + c), a1 = S.Load(p[1] + c), a2 = S.Load(p[2] + c), a3 = S.Load(p[3] + c),
                a4 = S.Load(p[4] + c);
            StoreLine(S.Sub(a0, m0), S.Sub(a1, m1), S.Sub(a2, m2), S.Sub(a3, m3), S.Sub(a4, m4), to, position);
            V e0 = S.Load(p[20] + c), e1 = S.Load(p[21] + c), e2 = S.Load(p[22] + c), e3 = S.Load(p[23] + c),
                e4 = S.Load(p[24] + c);
            StoreLine(
                S.Sub(m0, e0), S.Sub(m1, e1), S.Sub(m2, e2), S.Sub(m3, e3), S.Sub(m4, e4),
                to + (10 * position), position);
            V b0 = S.Load(p[5] + c), b1 = S.Load(p[6] + c), b2 = S.Load(p[7] + c), b3 = S.Load(p[8] + c),
                b4 = S.Load(p[9] + c);
            StoreLine(b0, b1, b2, b3, b4, to + (15 * position), position);
            V d0 = S.Load(p[15] + c), d1 = S.Load(p[16] + c), d2 = S.Load(p[17] + c), d3 = S.Load(p[18] + c),
                d4 = S.Load(p[19] + c);
            StoreLine(d0, d1, d2, d3, d4, to + (20 * position), position);
            c += S.Width;
            to += S.Rows * S.Width;
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TransformOutput(T* from, nint position, in WinogradTile<T, V, S> tile)
    {
        V m00 = S.Load(from), m10 = S.Load(from + (5 * position)), m20 = S.Load(from + (10 * position)),
            m30 = S.Load(from + (15 * position)), m40 = S.Load(from + (20 * position));
        V s00 = S.Add(S.Add(m00, m10), m30), s10 = S.Add(S.Sub(m10, m20), m40);
        V m01 = S.Load(from + position), m11 = S.Load(from + (6 * position)), m21 = S.Load(from + (11 * position)),
            m31 = S.Load(from + (16 * position)), m41 = S.Load(from + (21 * position));
        V s01 = S.Add(S.Add(m01, m11), m31), s11 = S.Add(S.Sub(m11, m21), m41);
        V m02 = S.Load(from + (2 * position)), m12 = S.Load(from + (7 * position)),
            m22 = S.Load(from + (12 * position)), m32 = S.Load(from + (17 * position)),
            m42 = S.Load(from + (22 * position));
        V s02 = S.Add(S.Add(m02, m12), m32), s12 = S.Add(S.Sub(m12, m22), m42);
        V m03 = S.Load(from + (3 * position)), m13 = S.Load(from + (8 * position)),
            m23 = S.Load(from + (13 * position)), m33 = S.Load(from + (18 * position)),
            m43 = S.Load(from + (23 * position));
        V s03 = S.Add(S.Add(m03, m13), m33), s13 = S.Add(S.Sub(m13, m23), m43);
        V m04 = S.Load(from + (4 * position)), m14 = S.Load(from + (9 * position)),
            m24 = S.Load(from + (14 * position)), m34 = S.Load(from + (19 * position)),
            m44 = S.Load(from + (24 * position));
        V s04 = S.Add(S.Add(m04, m14), m34), s14 = S.Add(S.Sub(m14, m24), m44);

        tile.Put(0, 0, S.Add(S.Add(s00, s01), s03));
        tile.Put(0, 1, S.Add(S.Sub(s01, s02), s04));
        tile.Put(1, 0, S.Add(S.Add(s10, s11), s13));
        tile.Put(1, 1, S.Add(S.Sub(s11, s12), s14));
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
    private static void StoreLine(V d0, V d1, V d2, V d3, V d4, T* to, nint position)
    {
        S.Store(to, S.Sub(d0, d2));
        S.Store(to + position, d2);
        S.Store(to + (2 * position), S.Sub(d2, d4));
        S.Store(to + (3 * position), d1);
        S.Store(to + (4 * position), d3);
    }
}
