using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>A matrix product by our own kernel: where a library has none, and to check one.</summary>
internal static class TiledMatMul
{
    private const int Tile = 64;

    public static CudaOpKernel Create(MatMulOp op, in OpSignature signature, CudaDevice device)
    {
        var (a, c) = (signature.Input(0).Shape, signature.Output);
        var kernel = device.Kernel<TiledMatMulArgs>("tiled_matmul.cu", "tiled_matmul", CudaVariants.For(c.Type));
        var (hasBias, hasMask) = (op.Bias, op.Mask);
        var args = new TiledMatMulArgs
        {
            M = c.Shape[0], N = c.Shape[1], K = op.TransposeA ? a[0] : a[1],
            TransposeA = op.TransposeA ? 1 : 0, TransposeB = op.TransposeB ? 1 : 0, HasRelu = op.Relu ? 1 : 0,
        };
        var shape = new LaunchShape(Tiles(args.N), Tiles(args.M), 1, 256, 1, 1, 0);
        return new LaunchKernel<TiledMatMulArgs>(kernel, (in CudaCall call) => new(shape, args with
        {
            A = call.Input(0), B = call.Input(1), C = call.Output, Bias = hasBias ? call.Input(2) : 0,
            Mask = hasMask ? call.Input(hasBias ? 3 : 2) : 0,
        }));
    }

    private static uint Tiles(long size) => checked((uint)((size + Tile - 1) / Tile));
}

/// <summary>Arguments of <c>tiled_matmul.cu</c>.</summary>
internal struct TiledMatMulArgs
{
    public ulong A, B, C, Bias, Mask;
    public long M, N, K;
    public int TransposeA, TransposeB, HasRelu, Unused;
}
