using System.Numerics;
using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// Stored bytes to images in [0,1], shifted and mirrored per sample with zeros outside. Inputs: uint8 images (M,H,W,C),
/// int32 (N,3): columns and rows moved, mirrored, as <see cref="Data.AugmentRecipe"/> draws them; then int32 (N): which
/// image each sample is, or nothing where sample n is image n.
/// </summary>
internal sealed partial record LoadImagesOp(DType Type) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        var (x, moves) = (inputs[0], inputs[1]);
        var count = moves.Shape[0];
        var isSound = x.Type == DType.UInt8 && x.Shape.Rank == 4
            && moves == new TensorType(DType.Int32, new Shape(count, 3))
            && (inputs.Length == 2
                ? x.Shape[0] == count
                : inputs.Length == 3 && inputs[2] == new TensorType(DType.Int32, new Shape(count)));
        if (!isSound)
            throw new ShapeException(
                $"{Name} needs uint8 images (M,H,W,C), int32 (N,3) and, or M = N, int32 (N), found {x}, {moves}");
        return new TensorType(Type, new Shape(count, x.Shape[1], x.Shape[2], x.Shape[3]));
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(Type, new Factory(signature.Output.Shape, signature.InputCount > 2));

    private readonly struct Factory(Shape shape, bool byId) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            new Kernel<T>(shape, byId);
    }

    private sealed class Kernel<T> : CpuKernel where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly Shape _shape;
        private readonly bool _byId;
        private readonly T[] _levels = new T[256];

        public Kernel(Shape shape, bool byId)
        {
            (_shape, _byId) = (shape, byId);
            for (var i = 0; i < _levels.Length; i++) _levels[i] = T.CreateTruncating(i) / T.CreateTruncating(255);
        }

        public override void Run(in CpuCall call)
        {
            var pixels = call.Input<byte>(0);
            var moves = call.Input<int>(1);
            var images = call.Output<T>();
            var ids = _byId ? call.Input<int>(2) : default;
            var run = images.Length / _shape[0];
            for (var n = 0; n < _shape[0]; n++)
                Load(pixels.Slice((_byId ? ids[n] : n) * run, run), moves[3 * n + 1], moves[3 * n],
                    moves[3 * n + 2] != 0, images.Slice(n * run, run));
        }

        private void Load(ReadOnlySpan<byte> source, int dy, int dx, bool mirrored, Span<T> image)
        {
            var (height, width, channels) = (_shape[1], _shape[2], _shape[3]);
            if (dy == 0 && dx == 0 && !mirrored)
            {
                for (var i = 0; i < source.Length; i++) image[i] = _levels[source[i]];
                return;
            }
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                {
                    var (fromY, fromX) = (y + dy, (mirrored ? width - 1 - x : x) + dx);
                    var inside = (uint)fromY < (uint)height && (uint)fromX < (uint)width;
                    for (var c = 0; c < channels; c++)
                        image[(y * width + x) * channels + c] = inside
                            ? _levels[source[(fromY * width + fromX) * channels + c]]
                            : T.Zero;
                }
            }
        }
    }
}
