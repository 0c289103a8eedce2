using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd;

/// <summary>Element-wise functions of one value; A and B are the op's parameters.</summary>
internal enum UnaryKind
{
    /// <summary>A x.</summary>
    Scale,

    /// <summary>x + A.</summary>
    Offset,

    /// <summary>min(max(x, A), B); the derivative is 1 strictly inside.</summary>
    Clamp,

    /// <summary>max(x, 0); the derivative at 0 is 0.</summary>
    Relu,

    /// <summary>x / (1 + exp(-x)).</summary>
    Silu,

    /// <summary>1 / (1 + exp(-x)).</summary>
    Sigmoid,

    /// <summary>exp(x).</summary>
    Exp,

    /// <summary>log(x).</summary>
    Log,

    /// <summary>Square root.</summary>
    Sqrt,

    /// <summary>x x.</summary>
    Square,

    /// <summary>1 / x.</summary>
    Reciprocal,

    /// <summary>|x|; the derivative at 0 is 0.</summary>
    Abs,

    /// <summary>-1, 0 or 1; the derivative is 0.</summary>
    Sign,
}

/// <summary>An element-wise function of one value.</summary>
internal sealed partial record UnaryOp(UnaryKind Kind, double A = 0, double B = 0) : Op, ICpuOp
{
    public override string Name => Kind.ToString();

    public override bool AllowsInPlace(int input) => true;

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        if (!inputs[0].Type.IsFloating())
            throw new ShapeException($"{Name} needs floating-point input, found {inputs[0]}");
        return inputs[0];
    }

    public override void Backward(BackwardContext context)
    {
        var (graph, dy, x, y) = (context.Graph, context.Gradient, context.Input(0), context.Output);
        var dx = Kind switch
        {
            UnaryKind.Scale => graph.Scale(dy, A),
            UnaryKind.Offset => dy,
            UnaryKind.Clamp => graph.Apply(new BinaryOp(BinaryKind.ClampGrad, A, B), dy, x),
            UnaryKind.Relu => graph.Apply(new BinaryOp(BinaryKind.ReluGrad), dy, y),
            UnaryKind.Silu => graph.Apply(new BinaryOp(BinaryKind.SiluGrad), dy, x),
            UnaryKind.Sigmoid => graph.Multiply(dy, graph.Subtract(y, graph.Square(y))),
            UnaryKind.Exp => graph.Multiply(dy, y),
            UnaryKind.Log => graph.Divide(dy, x),
            UnaryKind.Sqrt => graph.Scale(graph.Divide(dy, y), 0.5),
            UnaryKind.Square => graph.Scale(graph.Multiply(dy, x), 2),
            UnaryKind.Reciprocal => graph.Scale(graph.Multiply(dy, graph.Square(y)), -1),
            UnaryKind.Abs => graph.Multiply(dy, graph.Sign(x)),
            UnaryKind.Sign => graph.Scale(dy, 0),
            _ => throw new NotSupportedException($"{Kind} has no derivative"),
        };
        context.Add(0, dx);
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new Factory(this, signature.Output.Shape.Count));

    private readonly struct Factory(UnaryOp op, long count) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> => new Kernel<T>(op, count);
    }

    private sealed unsafe class Kernel<T>(UnaryOp op, long count) : CpuKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly T _a = T.CreateTruncating(op.A);
        private readonly T _b = T.CreateTruncating(op.B);

        public override void Run(in CpuCall call)
        {
            var body = new Body
            {
                Kind = op.Kind, A = _a, B = _b, Count = count,
                X = (T*)call.InputPointer(0), Y = (T*)call.OutputPointer,
            };
            Tiles.Run(call.Workers, Tiles.Count(count, Tiles.Elements), ref body);
        }

        private struct Body : ITileBody
        {
            public UnaryKind Kind;
            public T A, B;
            public long Count;
            public T* X, Y;

            public readonly void Run(int tile, int worker)
            {
                var start = (long)tile * Tiles.Elements;
                var length = (int)Math.Min(Tiles.Elements, Count - start);
                var x = new ReadOnlySpan<T>(X + start, length);
                var y = new Span<T>(Y + start, length);
                switch (Kind)
                {
                    case UnaryKind.Scale: TensorPrimitives.Multiply(x, A, y); break;
                    case UnaryKind.Offset: TensorPrimitives.Add(x, A, y); break;
                    case UnaryKind.Clamp: Clamp(x, y, A, B); break;
                    case UnaryKind.Relu: Relu(x, y); break;
                    case UnaryKind.Silu: Silu(x, y); break;
                    case UnaryKind.Sigmoid: VectorFunctions.Sigmoid(x, y); break;
                    case UnaryKind.Exp: VectorFunctions.Exp(x, y); break;
                    case UnaryKind.Log: VectorFunctions.Log(x, y); break;
                    case UnaryKind.Sqrt: TensorPrimitives.Sqrt(x, y); break;
                    case UnaryKind.Square: TensorPrimitives.Multiply(x, x, y); break;
                    case UnaryKind.Reciprocal: TensorPrimitives.Divide(T.One, x, y); break;
                    case UnaryKind.Abs: TensorPrimitives.Abs(x, y); break;
                    case UnaryKind.Sign: Sign(x, y); break;
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Relu(ReadOnlySpan<T> x, Span<T> y)
        {
            // max(x, 0) written as a select, so that a NaN stays a NaN and reaches the sentinel.
            var i = 0;
            for (; i <= x.Length - Vector<T>.Count; i += Vector<T>.Count)
            {
                var v = new Vector<T>(x[i..]);
                Vector.ConditionalSelect(Vector.LessThan(v, Vector<T>.Zero), Vector<T>.Zero, v).CopyTo(y[i..]);
            }
            for (; i < x.Length; i++) y[i] = x[i] < T.Zero ? T.Zero : x[i];
        }

        private static void Clamp(ReadOnlySpan<T> x, Span<T> y, T low, T high)
        {
            for (var i = 0; i < x.Length; i++) y[i] = x[i] < low ? low : x[i] > high ? high : x[i];
        }

        private static void Silu(ReadOnlySpan<T> x, Span<T> y)
        {
            Span<T> sigmoid = stackalloc T[Tiles.Elements];
            sigmoid = sigmoid[..x.Length];
            VectorFunctions.Sigmoid(x, sigmoid);
            TensorPrimitives.Multiply(x, sigmoid, y);
        }

        private static void Sign(ReadOnlySpan<T> x, Span<T> y)
        {
            for (var i = 0; i < x.Length; i++) y[i] = x[i] > T.Zero ? T.One : x[i] < T.Zero ? -T.One : x[i];
        }
    }
}
