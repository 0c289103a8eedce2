using System.Numerics;
using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd;

/// <summary>Makes the kernels of the mean over a whole image and its gradient.</summary>
internal readonly struct GlobalPoolFactory(Shape image, bool backward, bool mask) : IFloatKernelFactory
{
    public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        new GlobalPoolKernel<T>(image, backward, mask);
}

/// <summary>
/// Mean over height and width, or its gradient with an optional ReLU mask; one image per tile, a vector of channels at
/// a time.
/// </summary>
internal sealed unsafe class GlobalPoolKernel<T>(Shape image, bool backward, bool mask) : CpuKernel
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public override void Run(in CpuCall call)
    {
        var body = new Body
        {
            From = (T*)call.InputPointer(0), To = (T*)call.OutputPointer, Mask = mask ? (T*)call.InputPointer(1) : null,
            Backward = backward, Pixels = image[1] * image[2], C = image[3],
        };
        Tiles.Run(call.Workers, image[0], ref body);
    }

    private struct Body : ITileBody
    {
        public T* From, To, Mask;
        public bool Backward;
        public int Pixels, C;

        public readonly void Run(int tile, int worker)
        {
            var at = (long)tile * Pixels * C;
            if (Backward) Spread(From + (long)tile * C, To + at, Mask == null ? null : Mask + at);
            else Average(From + at, To + (long)tile * C);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Average(T* x, T* y)
        {
            var scale = T.One / T.CreateTruncating(Pixels);
            var c = 0;
            for (; c <= C - Vector<T>.Count; c += Vector<T>.Count)
            {
                var sum = Vector<T>.Zero;
                for (var p = 0; p < Pixels; p++) sum += Unsafe.ReadUnaligned<Vector<T>>(x + (long)p * C + c);
                Unsafe.WriteUnaligned(y + c, sum * scale);
            }
            for (; c < C; c++)
            {
                var sum = T.Zero;
                for (var p = 0; p < Pixels; p++) sum += x[(long)p * C + c];
                y[c] = sum * scale;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Spread(T* dy, T* dx, T* mask)
        {
            var scale = T.One / T.CreateTruncating(Pixels);
            var c = 0;
            for (; c <= C - Vector<T>.Count; c += Vector<T>.Count)
            {
                var d = Unsafe.ReadUnaligned<Vector<T>>(dy + c) * scale;
                for (var p = 0; p < Pixels; p++)
                {
                    var at = (long)p * C + c;
                    var keep = mask == null
                        ? d
                        : Vector.ConditionalSelect(
                            Vector.GreaterThan(Unsafe.ReadUnaligned<Vector<T>>(mask + at), Vector<T>.Zero), d,
                            Vector<T>.Zero);
                    Unsafe.WriteUnaligned(dx + at, keep);
                }
            }
            for (; c < C; c++)
            {
                for (var p = 0; p < Pixels; p++)
                {
                    var at = (long)p * C + c;
                    dx[at] = mask == null || mask[at] > T.Zero ? dy[c] * scale : T.Zero;
                }
            }
        }
    }
}
