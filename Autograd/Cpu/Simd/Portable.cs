using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Codat.Native.Autograd.Cpu;

/// <summary>128-bit vectors in portable code, for processors without AVX2.</summary>
/// <typeparam name="T">Element type, float or double.</typeparam>
internal readonly unsafe struct Portable<T> : ISimd<T, Vector128<T>>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public static int Width
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128<T>.Count;
    }

    /// <inheritdoc/>
    public static int Rows
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 6;
    }

    /// <inheritdoc/>
    public static Vector128<T> Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128<T>.Zero;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Load(T* p) => Vector128.Load(p);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> LoadPartial(T* p, int count)
    {
        Vector128<T> v = default;
        for (int i = 0; i < count; i++)
        {
            v = v.WithElement(i, p[i]);
        }

        return v;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(T* p, Vector128<T> v) => v.Store(p);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(T* p, Vector128<T> v, int count)
    {
        for (int i = 0; i < count; i++)
        {
            p[i] = v[i];
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Broadcast(T* p) => Vector128.Create(*p);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Add(Vector128<T> a, Vector128<T> b) => a + b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Sub(Vector128<T> a, Vector128<T> b) => a - b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Mul(Vector128<T> a, Vector128<T> b) => a * b;

    /// <inheritdoc/>
    // Two roundings: a fused multiply-add is a library call where the processor has none.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Fma(Vector128<T> a, Vector128<T> b, Vector128<T> c) => (a * b) + c;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Relu(Vector128<T> v) => Vector128.AndNot(v, Vector128.LessThan(v, Vector128<T>.Zero));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> KeepWherePositive(Vector128<T> v, Vector128<T> mask) =>
        Vector128.AndNot(v, Vector128.LessThanOrEqual(mask, Vector128<T>.Zero));

    /// <inheritdoc/>
    public static void StoreSums(
        T* p, Vector128<T> a, Vector128<T> b, Vector128<T> c, Vector128<T> d, Vector128<T> e, Vector128<T> f,
        Vector128<T> g, Vector128<T> h)
    {
        p[0] = Vector128.Sum(a);
        p[1] = Vector128.Sum(b);
        p[2] = Vector128.Sum(c);
        p[3] = Vector128.Sum(d);
        p[4] = Vector128.Sum(e);
        p[5] = Vector128.Sum(f);
        p[6] = Vector128.Sum(g);
        p[7] = Vector128.Sum(h);
    }
}
