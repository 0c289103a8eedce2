using System.Numerics;

namespace Codat.Native.Autograd;

/// <summary>Mean over windows of x (N,H,W,C); padding counts as zeros.</summary>
internal sealed record AvgPool2dOp(int Size, int Stride, int Padding) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) =>
        new(inputs[0].Type, new PoolWindow(Size, Stride, Padding).Infer(Name, inputs[0]));

    public override void Backward(BackwardContext context) =>
        context.Add(0, context.Graph.Apply(new AvgPool2dGradOp(Size, Stride, Padding, context.Input(0).Shape), context.Gradient));

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) => FloatKernels.Create(signature.Output.Type,
        new AvgPoolFactory(new PoolWindow(Size, Stride, Padding), signature.Input(0).Shape, signature.Output.Shape, false));
}

/// <summary>Spreads dy (N,OH,OW,C) evenly over its windows: the transpose of <see cref="AvgPool2dOp"/>.</summary>
internal sealed record AvgPool2dGradOp(int Size, int Stride, int Padding, Shape To) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => new(inputs[0].Type, To);

    public override void Backward(BackwardContext context) =>
        context.Add(0, context.Graph.Apply(new AvgPool2dOp(Size, Stride, Padding), context.Gradient));

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) => FloatKernels.Create(signature.Output.Type,
        new AvgPoolFactory(new PoolWindow(Size, Stride, Padding), To, signature.Input(0).Shape, true));
}

/// <summary>Mean over height and width: (N,H,W,C) to (N,C).</summary>
internal sealed record GlobalAvgPoolOp : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        var x = inputs[0];
        if (x.Shape.Rank != 4 || !x.Type.IsFloating()) throw new ShapeException($"{Name} needs (N,H,W,C) of a floating-point type, found {x}");
        return new TensorType(x.Type, new Shape(x.Shape[0], x.Shape[3]));
    }

    public override void Backward(BackwardContext context) =>
        context.Add(0, context.Graph.Apply(new GlobalAvgPoolGradOp(context.Input(0).Shape), context.Gradient));

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device)
    {
        var x = signature.Input(0).Shape;
        return FloatKernels.Create(signature.Output.Type,
            new AvgPoolFactory(new PoolWindow(0, 1, 0), x, new Shape(x[0], 1, 1, x[3]), false));
    }
}

/// <summary>Spreads dy (N,C) evenly over height and width: the transpose of <see cref="GlobalAvgPoolOp"/>.</summary>
/// <remarks>With a mask (input 1, of the output's shape) the result is zero where it is not positive.</remarks>
internal sealed record GlobalAvgPoolGradOp(Shape To, bool Mask = false) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => new(inputs[0].Type, To);

    public override void Backward(BackwardContext context) =>
        context.Add(0, context.Graph.Apply(new GlobalAvgPoolOp(), context.Gradient));

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) => FloatKernels.Create(signature.Output.Type,
        new AvgPoolFactory(new PoolWindow(0, 1, 0), To, new Shape(To[0], 1, 1, To[3]), true, Mask));
}

/// <summary>Makes the averaging kernels; a window of size 0 is the whole image.</summary>
internal readonly struct AvgPoolFactory(PoolWindow window, Shape image, Shape pooled, bool backward, bool mask = false) : IFloatKernelFactory
{
    public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        new AvgPoolKernel<T>(window, image, pooled, backward, mask);
}

/// <summary>Averages windows, or spreads gradients over them, one image per tile.</summary>
internal sealed unsafe class AvgPoolKernel<T>(PoolWindow window, Shape image, Shape pooled, bool backward, bool mask) : CpuKernel
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public override void Run(in CpuCall call)
    {
        var body = new Body
        {
            From = (T*)call.InputPointer(0), To = (T*)call.OutputPointer, Window = window, Backward = backward,
            Mask = mask ? (T*)call.InputPointer(1) : null,
            H = image[1], W = image[2], C = image[3], OH = pooled[1], OW = pooled[2],
        };
        Tiles.Run(call.Workers, image[0], ref body);
    }

    private struct Body : ITileBody
    {
        public T* From, To, Mask;
        public PoolWindow Window;
        public bool Backward;
        public int H, W, C, OH, OW;

        public readonly void Run(int tile, int worker)
        {
            var (big, small) = ((long)H * W * C, (long)OH * OW * C);
            var image = (Backward ? To : From) + tile * big;
            var pooled = (Backward ? From : To) + tile * small;
            new Span<T>(Backward ? image : pooled, checked((int)(Backward ? big : small))).Clear();
            var whole = Window.Size == 0;
            var scale = T.One / T.CreateTruncating(whole ? H * W : Window.Size * Window.Size);
            for (var oh = 0; oh < OH; oh++)
            {
                var (top, bottom) = whole ? (0, H) : Window.Range(oh, H);
                for (var ow = 0; ow < OW; ow++, pooled += C)
                {
                    var (left, right) = whole ? (0, W) : Window.Range(ow, W);
                    for (var h = top; h < bottom; h++)
                        for (var w = left; w < right; w++) Pixel(image + ((long)h * W + w) * C, pooled, scale);
                    if (!Backward) for (var c = 0; c < C; c++) pooled[c] *= scale;
                }
            }
            if (Mask == null) return;
            var m = Mask + tile * big;
            for (long i = 0; i < big; i++) if (!(m[i] > T.Zero)) image[i] = T.Zero;
        }

        private readonly void Pixel(T* pixel, T* pooled, T scale)
        {
            var p = new Span<T>(pixel, C);
            var q = new Span<T>(pooled, C);
            if (Backward) System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(q, scale, p, p);
            else System.Numerics.Tensors.TensorPrimitives.Add(p, q, q);
        }
    }
}
