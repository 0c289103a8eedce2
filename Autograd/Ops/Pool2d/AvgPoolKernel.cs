using System.Numerics;
using System.Numerics.Tensors;

namespace Codat.Native.Autograd;

/// <summary>Makes the kernels that average windows or spread gradients over them.</summary>
internal readonly struct AvgPoolFactory(PoolWindow window, Shape image, Shape pooled, bool backward)
    : IFloatKernelFactory
{
    public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        new AvgPoolKernel<T>(window, image, pooled, backward);
}

/// <summary>Averages windows, or spreads gradients over them, one image per tile.</summary>
internal sealed unsafe class AvgPoolKernel<T>(PoolWindow window, Shape image, Shape pooled, bool backward) : CpuKernel
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public override void Run(in CpuCall call)
    {
        var body = new Body
        {
            From = (T*)call.InputPointer(0), To = (T*)call.OutputPointer, Window = window, Backward = backward,
            H = image[1], W = image[2], C = image[3], OH = pooled[1], OW = pooled[2],
        };
        Tiles.Run(call.Workers, image[0], ref body);
    }

    private struct Body : ITileBody
    {
        public T* From, To;
        public PoolWindow Window;
        public bool Backward;
        public int H, W, C, OH, OW;

        public readonly void Run(int tile, int worker)
        {
            var (big, small) = ((long)H * W * C, (long)OH * OW * C);
            var image = (Backward ? To : From) + tile * big;
            var pooled = (Backward ? From : To) + tile * small;
            new Span<T>(Backward ? image : pooled, checked((int)(Backward ? big : small))).Clear();
            var scale = T.One / T.CreateTruncating(Window.Size * Window.Size);
            for (var oh = 0; oh < OH; oh++)
            {
                var (top, bottom) = Window.Range(oh, H);
                for (var ow = 0; ow < OW; ow++, pooled += C)
                {
                    var (left, right) = Window.Range(ow, W);
                    for (var h = top; h < bottom; h++)
                        for (var w = left; w < right; w++) Pixel(image + ((long)h * W + w) * C, pooled, scale);
                    if (!Backward) for (var c = 0; c < C; c++) pooled[c] *= scale;
                }
            }
        }

        private readonly void Pixel(T* pixel, T* pooled, T scale)
        {
            var p = new Span<T>(pixel, C);
            var q = new Span<T>(pooled, C);
            if (Backward) TensorPrimitives.MultiplyAdd(q, scale, p, p);
            else TensorPrimitives.Add(p, q, q);
        }
    }
}
