using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <summary>
/// F(2x2, 3x3): stride 1, 16 multiplications for 4 outputs instead of 36. Inputs by B^T d B, sums by A^T m A.
/// </summary>
/// <remarks>Lavin and Gray, "Fast algorithms for convolutional neural networks", 2016. Serves the input gradient
/// too.</remarks>
/// <typeparam name="T">Element type.</typeparam>
/// <typeparam name="V">Vector type.</typeparam>
/// <typeparam name="S">Instructions.</typeparam>
internal readonly unsafe struct WinogradUnitStride<T, V, S> : IWinograd<T, V, S>
    where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    where V : unmanaged
    where S : struct, ISimd<T, V>
{
    /// <inheritdoc/>
    public static int Positions
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 16;
    }

    /// <inheritdoc/>
    public static int Window
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 4;
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
        get => 2;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformInput(T** p, int vectors, T* to, nint position)
    {
        nint c = 0;
        for (; vectors > 0; vectors--)
        {
            V d00 = S.Load(p[0] + c), d10 = S.Load(p[4] + c);
            V d20 = S.Load(p[8] + c), d30 = S.Load(p[12] + c);
            V t00 = S.Sub(d00, d20), t10 = S.Add(d10, d20), t20 = S.Sub(d20, d10), t30 = S.Sub(d10, d30);
            V d01 = S.Load(p[1] + c), d11 = S.Load(p[5] + c);
            V d21 = S.Load(p[9] + c), d31 = S.Load(p[13] + c);
            V t01 = S.Sub(d01, d21), t11 = S.Add(d11, d21), t21 = S.Sub(d21, d11), t31 = S.Sub(d11, d31);
            V d02 = S.Load(p[2] + c), d12 = S.Load(p[6] + c);
            V d22 = S.Load(p[10] + c), d32 = S.Load(p[14] + c);
            V t02 = S.Sub(d02, d22), t12 = S.Add(d12, d22), t22 = S.Sub(d22, d12), t32 = S.Sub(d12, d32);
            V d03 = S.Load(p[3] + c), d13 = S.Load(p[7] + c);
            V d23 = S.Load(p[11] + c), d33 = S.Load(p[15] + c);
            V t03 = S.Sub(d03, d23), t13 = S.Add(d13, d23), t23 = S.Sub(d23, d13), t33 = S.Sub(d13, d33);

            T* row0 = to;
            S.Store(row0, S.Sub(t00, t02));
            S.Store(row0 + position, S.Add(t01, t02));
            S.Store(row0 + (2 * position), S.Sub(t02, t01));
            S.Store(row0 + (3 * position), S.Sub(t01, t03));
            T* row1 = to + (4 * position);
            S.Store(row1, S.Sub(t10, t12));
            S.Store(row1 + position, S.Add(t11, t12));
            S.Store(row1 + (2 * position), S.Sub(t12, t11));
            S.Store(row1 + (3 * position), S.Sub(t11, t13));
            T* row2 = to + (8 * position);
            S.Store(row2, S.Sub(t20, t22));
            S.Store(row2 + position, S.Add(t21, t22));
            S.Store(row2 + (2 * position), S.Sub(t22, t21));
            S.Store(row2 + (3 * position), S.Sub(t21, t23));
            T* row3 = to + (12 * position);
            S.Store(row3, S.Sub(t30, t32));
            S.Store(row3 + position, S.Add(t31, t32));
            S.Store(row3 + (2 * position), S.Sub(t32, t31));
            S.Store(row3 + (3 * position), S.Sub(t31, t33));
            c += S.Width;
            to += S.Rows * S.Width;
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TransformOutput(T* from, nint position, in WinogradTile<T, V, S> tile)
    {
        V m00 = S.Load(from), m10 = S.Load(from + (4 * position));
        V m20 = S.Load(from + (8 * position)), m30 = S.Load(from + (12 * position));
        V s00 = S.Add(S.Add(m00, m10), m20), s10 = S.Sub(S.Sub(m10, m20), m30);
        V m01 = S.Load(from + (1 * position)), m11 = S.Load(from + (5 * position));
        V m21 = S.Load(from + (9 * position)), m31 = S.Load(from + (13 * position));
        V s01 = S.Add(S.Add(m01, m11), m21), s11 = S.Sub(S.Sub(m11, m21), m31);
        V m02 = S.Load(from + (2 * position)), m12 = S.Load(from + (6 * position));
        V m22 = S.Load(from + (10 * position)), m32 = S.Load(from + (14 * position));
        V s02 = S.Add(S.Add(m02, m12), m22), s12 = S.Sub(S.Sub(m12, m22), m32);
        V m03 = S.Load(from + (3 * position)), m13 = S.Load(from + (7 * position));
        V m23 = S.Load(from + (11 * position)), m33 = S.Load(from + (15 * position));
        V s03 = S.Add(S.Add(m03, m13), m23), s13 = S.Sub(S.Sub(m13, m23), m33);

        tile.Put(0, 0, S.Add(S.Add(s00, s01), s02));
        tile.Put(0, 1, S.Sub(S.Sub(s01, s02), s03));
        tile.Put(1, 0, S.Add(S.Add(s10, s11), s12));
        tile.Put(1, 1, S.Sub(S.Sub(s11, s12), s13));
    }

    /// <inheritdoc/>
    // (g0, (g0 + g1 + g2) / 2, (g0 - g1 + g2) / 2, g2)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TransformWeights(V g0, V g1, V g2, V* to, int step)
    {
        T halfValue = T.CreateChecked(0.5);
        V half = S.Broadcast(&halfValue);
        V outer = S.Add(g0, g2);
        to[0] = g0;
        to[step] = S.Mul(S.Add(outer, g1), half);
        to[2 * step] = S.Mul(S.Sub(outer, g1), half);
        to[3 * step] = g2;
    }
}
