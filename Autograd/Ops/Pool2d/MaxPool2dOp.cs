using System.Numerics;
using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd;

/// <summary>Geometry of a square pooling window.</summary>
internal readonly record struct PoolWindow(int Size, int Stride, int Padding)
{
    public Shape Infer(string op, TensorType x)
    {
        if (x.Shape.Rank != 4 || !x.Type.IsFloating())
            throw new ShapeException($"{op} needs (N,H,W,C) of a floating-point type, found {x}");
        if (Size < 1 || Stride < 1 || Padding < 0 || 2 * Padding > Size)
            throw new ShapeException($"{op}: window {this} is not valid");
        // Asked of the sizes themselves: a division of a negative number rounds towards zero and would let the window
        // through.
        if (Math.Min(x.Shape[1], x.Shape[2]) + 2 * Padding < Size)
            throw new ShapeException($"{op}: window {Size} leaves nothing of {x}");
        return new Shape(x.Shape[0], Out(x.Shape[1]), Out(x.Shape[2]), x.Shape[3]);
    }

    public int Out(int size) => (size + 2 * Padding - Size) / Stride + 1;

    /// <summary>
    /// First and one past the last input index under output index <paramref name="o"/>, within the image.
    /// </summary>
    public (int First, int Last) Range(int o, int size)
    {
        var first = o * Stride - Padding;
        return (Math.Max(0, first), Math.Min(size, first + Size));
    }
}

/// <summary>Maximum over windows of x (N,H,W,C); padding never wins.</summary>
internal sealed partial record MaxPool2dOp(int Size, int Stride, int Padding) : Op, ICpuOp
{
    internal PoolWindow Window => new(Size, Stride, Padding);

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) =>
        new(inputs[0].Type, Window.Infer(Name, inputs[0]));

    public override void Backward(BackwardContext context) =>
        context.Add(
            0, context.Graph.Apply(new MaxPool2dGradOp(Size, Stride, Padding), context.Gradient, context.Input(0)));

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(
            signature.Output.Type, new Factory(Window, signature.Input(0).Shape, signature.Output.Shape));

    private readonly struct Factory(PoolWindow window, Shape x, Shape y) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> => new Kernel<T>(window, x, y);
    }

    private sealed unsafe class Kernel<T>(PoolWindow window, Shape x, Shape y) : CpuKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public override void Run(in CpuCall call)
        {
            var body = new Body
            {
                X = (T*)call.InputPointer(0), Y = (T*)call.OutputPointer, Window = window,
                H = x[1], W = x[2], C = x[3], OH = y[1], OW = y[2],
            };
            Tiles.Run(call.Workers, y[0], ref body);
        }

        private struct Body : ITileBody
        {
            public T* X, Y;
            public PoolWindow Window;
            public int H, W, C, OH, OW;

            public readonly void Run(int tile, int worker)
            {
                var image = X + (long)tile * H * W * C;
                var y = Y + (long)tile * OH * OW * C;
                for (var oh = 0; oh < OH; oh++)
                {
                    var (top, bottom) = Window.Range(oh, H);
                    for (var ow = 0; ow < OW; ow++, y += C)
                    {
                        var (left, right) = Window.Range(ow, W);
                        Pixel(image, y, top, bottom, left, right);
                    }
                }
            }

            [MethodImpl(MethodImplOptions.AggressiveOptimization)]
            private readonly void Pixel(T* image, T* y, int top, int bottom, int left, int right)
            {
                var c = 0;
                for (; c <= C - Vector<T>.Count; c += Vector<T>.Count)
                {
                    var best = Unsafe.ReadUnaligned<Vector<T>>(image + ((long)top * W + left) * C + c);
                    for (var h = top; h < bottom; h++)
                    {
                        for (var w = left; w < right; w++)
                        {
                            var v = Unsafe.ReadUnaligned<Vector<T>>(image + ((long)h * W + w) * C + c);
                            // A NaN wins, and nothing is greater than it: it is seen downstream.
                            best = Vector.ConditionalSelect(Vector.GreaterThan(v, best) | Vector.IsNaN(v), v, best);
                        }
                    }
                    Unsafe.WriteUnaligned(y + c, best);
                }
                for (; c < C; c++)
                {
                    var best = image[((long)top * W + left) * C + c];
                    for (var h = top; h < bottom; h++)
                    {
                        for (var w = left; w < right; w++)
                        {
                            var v = image[((long)h * W + w) * C + c];
                            if (v > best || T.IsNaN(v)) best = v;
                        }
                    }
                    y[c] = best;
                }
            }
        }
    }
}

/// <summary>Gradient of <see cref="MaxPool2dOp"/>: dy goes to the first maximum of its window. Inputs dy, x.</summary>
internal sealed partial record MaxPool2dGradOp(int Size, int Stride, int Padding, bool ReluMask = false) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => inputs[1];

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new Factory(
            new PoolWindow(Size, Stride, Padding), signature.Output.Shape, signature.Input(0).Shape, ReluMask));

    private readonly struct Factory(PoolWindow window, Shape x, Shape y, bool mask) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            new Kernel<T>(window, x, y, mask);
    }

    private sealed unsafe class Kernel<T>(PoolWindow window, Shape x, Shape y, bool mask) : CpuKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public override void Run(in CpuCall call)
        {
            var body = new Body
            {
                Dy = (T*)call.InputPointer(0), X = (T*)call.InputPointer(1), Dx = (T*)call.OutputPointer,
                Window = window,
                H = x[1], W = x[2], C = x[3], OH = y[1], OW = y[2], Mask = mask,
                Disjoint = window.Size == 2 && window.Stride == 2 && window.Padding == 0,
            };
            Tiles.Run(call.Workers, y[0], ref body);
        }

        private struct Body : ITileBody
        {
            public T* Dy, X, Dx;
            public PoolWindow Window;
            public int H, W, C, OH, OW;
            public bool Mask, Disjoint;

            public readonly void Run(int tile, int worker)
            {
                var size = (long)H * W * C;
                var x = X + tile * size;
                var dx = Dx + tile * size;
                var dy = Dy + (long)tile * OH * OW * C;
                if (!Disjoint || (H & 1) != 0 || (W & 1) != 0) new Span<T>(dx, checked((int)size)).Clear();
                for (var oh = 0; oh < OH; oh++)
                    for (var ow = 0; ow < OW; ow++, dy += C)
                        if (Disjoint) Quad(x, dy, dx, oh, ow); else Pixel(x, dy, dx, oh, ow);
            }

            /// <summary>The common 2x2 window: every element is written once, so nothing is cleared or added.</summary>
            [MethodImpl(MethodImplOptions.AggressiveOptimization)]
            private readonly void Quad(T* x, T* dy, T* dx, int oh, int ow)
            {
                var a = ((long)(2 * oh) * W + 2 * ow) * C;
                var b = a + (long)W * C;
                var c = 0;
                for (; c <= C - Vector<T>.Count; c += Vector<T>.Count)
                {
                    var v0 = Unsafe.ReadUnaligned<Vector<T>>(x + a + c);
                    var v1 = Unsafe.ReadUnaligned<Vector<T>>(x + a + C + c);
                    var v2 = Unsafe.ReadUnaligned<Vector<T>>(x + b + c);
                    var v3 = Unsafe.ReadUnaligned<Vector<T>>(x + b + C + c);
                    var best = Vector.Max(Vector.Max(v0, v1), Vector.Max(v2, v3));
                    var d = Unsafe.ReadUnaligned<Vector<T>>(dy + c);
                    if (Mask) d = Vector.ConditionalSelect(Vector.GreaterThan(best, Vector<T>.Zero), d, Vector<T>.Zero);
                    var zero = Vector<T>.Zero;
                    var m0 = Vector.Equals(v0, best);
                    Unsafe.WriteUnaligned(dx + a + c, Vector.ConditionalSelect(m0, d, zero));
                    d = Vector.ConditionalSelect(m0, zero, d);
                    var m1 = Vector.Equals(v1, best);
                    Unsafe.WriteUnaligned(dx + a + C + c, Vector.ConditionalSelect(m1, d, zero));
                    d = Vector.ConditionalSelect(m1, zero, d);
                    var m2 = Vector.Equals(v2, best);
                    Unsafe.WriteUnaligned(dx + b + c, Vector.ConditionalSelect(m2, d, zero));
                    Unsafe.WriteUnaligned(dx + b + C + c, Vector.ConditionalSelect(m2, zero, d));
                }
                for (; c < C; c++)
                {
                    T v0 = x[a + c], v1 = x[a + C + c], v2 = x[b + c], v3 = x[b + C + c];
                    var best = T.Max(T.Max(v0, v1), T.Max(v2, v3));
                    var d = Mask && !(best > T.Zero) ? T.Zero : dy[c];
                    dx[a + c] = dx[a + C + c] = dx[b + c] = dx[b + C + c] = T.Zero;
                    dx[v0 == best ? a + c : v1 == best ? a + C + c : v2 == best ? b + c : b + C + c] = d;
                }
            }

            private readonly void Pixel(T* x, T* dy, T* dx, int oh, int ow)
            {
                var (top, bottom) = Window.Range(oh, H);
                var (left, right) = Window.Range(ow, W);
                for (var c = 0; c < C; c++)
                {
                    var best = ((long)top * W + left) * C + c;
                    for (var h = top; h < bottom; h++)
                    {
                        for (var w = left; w < right; w++)
                        {
                            var at = ((long)h * W + w) * C + c;
                            if (x[at] > x[best] || T.IsNaN(x[at])) best = at;
                        }
                    }
                    if (!Mask || x[best] > T.Zero) dx[best] += dy[c];
                }
            }
        }
    }
}
