using System.Numerics;
using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// Stored bytes to images in [0,1], shifted and mirrored per sample with zeros outside. Inputs: uint8 images (N,H,W,C),
/// int32 (N,3): columns and rows moved, mirrored, as <see cref="Data.AugmentRecipe"/> draws them.
/// </summary>
internal sealed partial record LoadImagesOp(DType Type) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        var x = inputs[0];
        if (x.Type != DType.UInt8 || x.Shape.Rank != 4
            || inputs[1] != new TensorType(DType.Int32, new Shape(x.Shape[0], 3)))
            throw new ShapeException($"{Name} needs uint8 images (N,H,W,C) and int32 (N,3), found {x} and {inputs[1]}");
        return new TensorType(Type, x.Shape);
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(Type, new Factory(signature.Output.Shape));

    private readonly struct Factory(Shape shape) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> => new Kernel<T>(shape);
    }

    private sealed class Kernel<T> : CpuKernel where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly Shape _shape;
        private readonly T[] _levels = new T[256];

        public Kernel(Shape shape)
        {
            _shape = shape;
            for (var i = 0; i < _levels.Length; i++) _levels[i] = T.CreateTruncating(i) / T.CreateTruncating(255);
        }

        public override void Run(in CpuCall call)
        {
            var pixels = call.Input<byte>(0);
            var moves = call.Input<int>(1);
            var images = call.Output<T>();
            var run = pixels.Length / _shape[0];
            for (var n = 0; n < _shape[0]; n++)
                Load(pixels.Slice(n * run, run), moves[3 * n + 1], moves[3 * n], moves[3 * n + 2] != 0,
                    images.Slice(n * run, run));
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
