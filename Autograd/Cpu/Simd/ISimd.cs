namespace Codat.Native.Autograd.Cpu;

/// <summary>One vector type of one instruction set; every member compiles to one or a few instructions.</summary>
/// <typeparam name="T">Element type.</typeparam>
/// <typeparam name="V">Vector type.</typeparam>
internal unsafe interface ISimd<T, V>
    where T : unmanaged
    where V : unmanaged
{
    /// <summary>Elements of a vector.</summary>
    static abstract int Width { get; }

    /// <summary>Rows of the matrix micro-kernel: twice this many accumulators fit the registers.</summary>
    static abstract int Rows { get; }

    /// <summary>All zeros.</summary>
    static abstract V Zero { get; }

    /// <summary>Loads a vector from any address.</summary>
    static abstract V Load(T* p);

    /// <summary>
    /// Loads the first <paramref name="count"/> elements (0 to Width) and reads nothing beyond; the rest is zero.
    /// </summary>
    static abstract V LoadPartial(T* p, int count);

    /// <summary>Stores a vector to any address.</summary>
    static abstract void Store(T* p, V v);

    /// <summary>Stores the first <paramref name="count"/> elements and writes nothing beyond.</summary>
    static abstract void StorePartial(T* p, V v, int count);

    /// <summary>Loads one element into every lane.</summary>
    static abstract V Broadcast(T* p);

    /// <summary>a + b.</summary>
    static abstract V Add(V a, V b);

    /// <summary>a - b.</summary>
    static abstract V Sub(V a, V b);

    /// <summary>a * b.</summary>
    static abstract V Mul(V a, V b);

    /// <summary>a * b + c, fused where the instruction set has it.</summary>
    static abstract V Fma(V a, V b, V c);

    /// <summary>max(v, 0); NaN stays NaN, so a broken run is seen.</summary>
    static abstract V Relu(V v);

    /// <summary>v, with zeros where mask &lt;= 0.</summary>
    static abstract V KeepWherePositive(V v, V mask);

    /// <summary>Stores the sums of the lanes of eight vectors side by side, each added up in a fixed order.</summary>
    static abstract void StoreSums(T* p, V a, V b, V c, V d, V e, V f, V g, V h);
}
