using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd.Cpu;

/// <summary>
/// The matrix micro-kernel: a tile of <c>S.Rows</c> rows by one or two vectors, held in registers over the whole depth.
/// </summary>
/// <remarks>
/// The left panel is stored as [depth / Width][Rows][Width]: whoever fills it stores whole vectors of consecutive
/// depth,
/// and every broadcast below has a constant displacement from one pointer. The right panel is [depth][vectors * Width].
/// Each element of the tile is one chain of multiply-adds in ascending depth; calls that accumulate add such chains,
/// which
/// is more exact than one long chain and keeps the part of the right panel in use small.
/// </remarks>
/// <typeparam name="T">Element type.</typeparam>
/// <typeparam name="V">Vector type.</typeparam>
/// <typeparam name="S">Instructions.</typeparam>
internal static unsafe partial class PanelKernel<T, V, S>
    where T : unmanaged
    where V : unmanaged
    where S : struct, ISimd<T, V>
{
    /// <summary>tile[Rows, vectors * Width] = (accumulate ? tile : 0) + left * right, for one or two vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(nint depth, T* left, T* right, int vectors, T* tile, bool accumulate)
    {
        if (S.Rows == 12)
        {
            if (vectors == 2)
            {
                Rows12x2(depth, left, right, tile, accumulate);
            }
            else
            {
                Rows12x1(depth, left, right, tile, accumulate);
            }
        }
        else if (vectors == 2)
        {
            Rows6x2(depth, left, right, tile, accumulate);
        }
        else
        {
            Rows6x1(depth, left, right, tile, accumulate);
        }
    }

    /// <summary>Elements of a left panel of this depth.</summary>
    public static nint LeftElements(nint depth) => Chunks(depth) * S.Rows * S.Width;

    /// <summary>Vectors that hold this depth.</summary>
    public static nint Chunks(nint depth) => (depth + S.Width - 1) / S.Width;
}
