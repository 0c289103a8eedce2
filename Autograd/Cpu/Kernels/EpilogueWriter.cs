using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <summary>Applies a <see cref="ConvEpilogue{T}"/> to finished sums and stores them.</summary>
/// <typeparam name="T">Element type.</typeparam>
/// <typeparam name="V">Vector type.</typeparam>
/// <typeparam name="S">Instructions.</typeparam>
internal static unsafe class EpilogueWriter<T, V, S>
    where T : unmanaged
    where V : unmanaged
    where S : struct, ISimd<T, V>
{
    /// <summary>Finishes and stores one vector: the element <paramref name="index"/> of the output is lane 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(in ConvEpilogue<T> epilogue, T* output, nint index, nint channel, V v)
    {
        if (epilogue.Bias != null)
        {
            v = S.Add(v, S.Load(epilogue.Bias + channel));
        }

        if (epilogue.Residual != null)
        {
            v = S.Add(v, S.Load(epilogue.Residual + index));
        }

        if (epilogue.Relu)
        {
            v = S.Relu(v);
        }

        if (epilogue.Mask != null)
        {
            v = S.KeepWherePositive(v, S.Load(epilogue.Mask + index));
        }

        S.Store(output + index, v);
    }

    /// <summary>
    /// As <see cref="Store"/> for the first <paramref name="count"/> lanes; touches no other element.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void StorePartial(
        in ConvEpilogue<T> epilogue, T* output, nint index, nint channel, V v, int count)
    {
        if (epilogue.Bias != null)
        {
            v = S.Add(v, S.LoadPartial(epilogue.Bias + channel, count));
        }

        if (epilogue.Residual != null)
        {
            v = S.Add(v, S.LoadPartial(epilogue.Residual + index, count));
        }

        if (epilogue.Relu)
        {
            v = S.Relu(v);
        }

        if (epilogue.Mask != null)
        {
            v = S.KeepWherePositive(v, S.LoadPartial(epilogue.Mask + index, count));
        }

        S.StorePartial(output + index, v, count);
    }

    /// <summary>Finishes and stores <paramref name="count"/> consecutive channels of one pixel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreRow(
        in ConvEpilogue<T> epilogue, T* output, nint index, nint channel, T* values, int count)
    {
        int i = 0;
        for (; i <= count - S.Width; i += S.Width)
        {
            Store(epilogue, output, index + i, channel + i, S.Load(values + i));
        }

        if (i < count)
        {
            // The tile is padded to whole vectors, so a full load is safe here.
            StorePartial(epilogue, output, index + i, channel + i, S.Load(values + i), count - i);
        }
    }
}
