using System.Numerics;
using System.Runtime.CompilerServices;
using Codat.Native.Autograd.Cpu;

namespace Codat.Native.Autograd;

/// <summary>A kernel's loop body: tile number and worker number in, its share of the output written.</summary>
internal interface ITileBody
{
    void Run(int tile, int worker);
}

/// <summary>Runs a struct's tiles on the workers without allocation.</summary>
internal static unsafe class Tiles
{
    /// <summary>
    /// Elements per tile of element-wise loops: small enough for the first-level cache, fixed so that bits do not
    /// depend on threads.
    /// </summary>
    public const int Elements = 4096;

    public static void Run<TBody>(CpuWorkers workers, int tiles, ref TBody body) where TBody : struct, ITileBody
    {
        if (tiles == 1)
        {
            body.Run(0, 0);
            return;
        }
        workers.Run(tiles, &Invoke<TBody>, Unsafe.AsPointer(ref body));
    }

    public static int Count(long elements, int perTile) => checked((int)((elements + perTile - 1) / perTile));

    private static void Invoke<TBody>(void* context, int tile, int worker) where TBody : struct, ITileBody =>
        Unsafe.AsRef<TBody>(context).Run(tile, worker);
}

/// <summary>Creates the float or the double version of a generic kernel.</summary>
internal static class FloatKernels
{
    public static CpuKernel Create<TFactory>(DType type, TFactory factory)
        where TFactory : IFloatKernelFactory => type switch
    {
        DType.Float32 => factory.Create<float>(),
        DType.Float64 => factory.Create<double>(),
        _ => throw new NotSupportedException($"floating-point elements wanted, found {type}"),
    };
}

/// <summary>Makes a kernel for either floating-point type.</summary>
internal interface IFloatKernelFactory
{
    CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>;
}
