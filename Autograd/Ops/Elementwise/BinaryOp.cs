using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd;

/// <summary>Element-wise functions of two values.</summary>
internal enum BinaryKind
{
    /// <summary>x + y.</summary>
    Add,

    /// <summary>x - y.</summary>
    Subtract,

    /// <summary>x y.</summary>
    Multiply,

    /// <summary>x / y.</summary>
    Divide,

    /// <summary>x where y &gt; 0, else 0: the derivative of ReLU, with y its output.</summary>
    ReluGrad,

    /// <summary>x times the derivative of SiLU at y.</summary>
    SiluGrad,

    /// <summary>x where A &lt; y &lt; B, else 0.</summary>
    ClampGrad,
}

/// <summary>How the second value of a <see cref="BinaryOp"/> is spread over the first.</summary>
internal enum Broadcast
{
    /// <summary>Same shape.</summary>
    None,

    /// <summary>One number.</summary>
    Scalar,

    /// <summary>One number for each index of the last dimension.</summary>
    Channel,

    /// <summary>One number for each index of the first dimension.</summary>
    Row,
}

/// <summary>An element-wise function of two values; the second may be spread over the first.</summary>
internal sealed partial record BinaryOp(BinaryKind Kind, double A = 0, double B = 0, Broadcast Spread = Broadcast.None)
    : Op, ICpuOp
{
    public override string Name => Kind.ToString();

    public override bool AllowsInPlace(int input) => input == 0 || Spread == Broadcast.None;

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        var (x, y) = (inputs[0], inputs[1]);
        var fits = x.Type == y.Type && x.Type.IsFloating() && Spread switch
        {
            Broadcast.None => x.Shape == y.Shape,
            Broadcast.Scalar => y.Shape.Count == 1,
            Broadcast.Channel => y.Shape.Rank == 1 && x.Shape.Rank >= 1 && y.Shape[0] == x.Shape.Channels,
            Broadcast.Row => y.Shape.Rank == 1 && x.Shape.Rank >= 1 && y.Shape[0] == x.Shape[0],
            _ => false,
        };
        return fits ? x : throw new ShapeException($"{Name} does not fit {x} and {y} (spread: {Spread})");
    }

    public override void Backward(BackwardContext context)
    {
        var (graph, dz, x, y) = (context.Graph, context.Gradient, context.Input(0), context.Input(1));
        if (context.Needs(0))
        {
            context.Add(0, Kind switch
            {
                BinaryKind.Add or BinaryKind.Subtract => dz,
                BinaryKind.Multiply or BinaryKind.Divide or BinaryKind.ReluGrad => graph.Apply(this, dz, y),
                _ => throw new NotSupportedException($"{Kind} has no derivative"),
            });
        }
        if (!context.Needs(1)) return;
        var full = Kind switch
        {
            BinaryKind.Add => dz,
            BinaryKind.Subtract => graph.Scale(dz, -1),
            BinaryKind.Multiply => graph.Multiply(dz, x),
            // d(x/y)/dy = -(x/y)/y
            BinaryKind.Divide => graph.Scale(graph.Apply(this, graph.Multiply(dz, context.Output), y), -1),
            _ => throw new NotSupportedException($"{Kind} has no derivative for its second value"),
        };
        context.Add(1, Spread switch
        {
            Broadcast.Channel => graph.SumRows(full),
            Broadcast.Row => graph.SumPerRow(full),
            Broadcast.Scalar => graph.Reshape(graph.SumAll(full), y.Shape),
            _ => full,
        });
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new Factory(this, signature.Output.Shape));

    private readonly struct Factory(BinaryOp op, Shape shape) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            new BinaryKernel<T>(op, shape);
    }
}

/// <summary>The CPU loops of <see cref="BinaryOp"/>.</summary>
internal sealed unsafe class BinaryKernel<T> : CpuKernel where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly BinaryOp _op;
    private readonly long _run;
    private readonly int _tiles;
    private readonly long _count;

    public BinaryKernel(BinaryOp op, Shape shape)
    {
        _op = op;
        _count = shape.Count;
        // A tile is a whole number of channel rows, a part of one row, or a plain stretch of elements.
        _run = op.Spread switch
        {
            Broadcast.Channel => (long)shape.Channels * Math.Max(1, Tiles.Elements / Math.Max(1, shape.Channels)),
            Broadcast.Row => shape[0] == 0 ? 1 : Math.Max(1, shape.Count / shape[0]),
            _ => Tiles.Elements,
        };
        _tiles = checked((int)((_count + _run - 1) / Math.Max(1, _run)));
        Channels = shape.Channels;
    }

    private int Channels { get; }

    public override void Run(in CpuCall call)
    {
        var body = new Body
        {
            Op = _op.Kind, Spread = _op.Spread, A = T.CreateTruncating(_op.A), B = T.CreateTruncating(_op.B),
            Count = _count, Run1 = _run, Channels = Channels,
            X = (T*)call.InputPointer(0), Y = (T*)call.InputPointer(1), Z = (T*)call.OutputPointer,
        };
        Tiles.Run(call.Workers, _tiles, ref body);
    }

    private struct Body : ITileBody
    {
        public BinaryKind Op;
        public Broadcast Spread;
        public T A, B;
        public long Count, Run1;
        public int Channels;
        public T* X, Y, Z;

        public readonly void Run(int tile, int worker)
        {
            var start = tile * Run1;
            var length = (int)Math.Min(Run1, Count - start);
            var x = new ReadOnlySpan<T>(X + start, length);
            var z = new Span<T>(Z + start, length);
            switch (Spread)
            {
                case Broadcast.None:
                    Apply(Op, x, new ReadOnlySpan<T>(Y + start, length), z, A, B);
                    break;
                case Broadcast.Channel:
                    for (var i = 0; i < length; i += Channels)
                        Apply(Op, x.Slice(i, Channels), new ReadOnlySpan<T>(Y, Channels), z.Slice(i, Channels), A, B);
                    break;
                default:
                    ApplyScalar(Op, x, Spread == Broadcast.Row ? Y[tile] : *Y, z);
                    break;
            }
        }
    }

    private static void Apply(BinaryKind op, ReadOnlySpan<T> x, ReadOnlySpan<T> y, Span<T> z, T a, T b)
    {
        switch (op)
        {
            case BinaryKind.Add: TensorPrimitives.Add(x, y, z); break;
            case BinaryKind.Subtract: TensorPrimitives.Subtract(x, y, z); break;
            case BinaryKind.Multiply: TensorPrimitives.Multiply(x, y, z); break;
            case BinaryKind.Divide: TensorPrimitives.Divide(x, y, z); break;
            case BinaryKind.ReluGrad: ReluGrad(x, y, z); break;
            case BinaryKind.SiluGrad: SiluGrad(x, y, z); break;
            case BinaryKind.ClampGrad:
                for (var i = 0; i < x.Length; i++) z[i] = y[i] > a && y[i] < b ? x[i] : T.Zero;
                break;
        }
    }

    private static void ApplyScalar(BinaryKind op, ReadOnlySpan<T> x, T y, Span<T> z)
    {
        switch (op)
        {
            case BinaryKind.Add: TensorPrimitives.Add(x, y, z); break;
            case BinaryKind.Subtract: TensorPrimitives.Subtract(x, y, z); break;
            case BinaryKind.Multiply: TensorPrimitives.Multiply(x, y, z); break;
            case BinaryKind.Divide: TensorPrimitives.Divide(x, y, z); break;
            default: throw new NotSupportedException($"{op} does not spread a single number");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ReluGrad(ReadOnlySpan<T> dy, ReadOnlySpan<T> y, Span<T> dx)
    {
        var i = 0;
        for (; i <= dy.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            var keep = Vector.GreaterThan(new Vector<T>(y[i..]), Vector<T>.Zero);
            Vector.ConditionalSelect(keep, new Vector<T>(dy[i..]), Vector<T>.Zero).CopyTo(dx[i..]);
        }
        for (; i < dy.Length; i++) dx[i] = y[i] > T.Zero ? dy[i] : T.Zero;
    }

    /// <summary>d/dx [x s(x)] = s (1 + x (1 - s)).</summary>
    private static void SiluGrad(ReadOnlySpan<T> dy, ReadOnlySpan<T> x, Span<T> dx)
    {
        Span<T> sigmoid = stackalloc T[256];
        for (var start = 0; start < x.Length; start += sigmoid.Length)
        {
            var length = Math.Min(sigmoid.Length, x.Length - start);
            VectorFunctions.Sigmoid(x.Slice(start, length), sigmoid);
            for (var i = 0; i < length; i++)
            {
                var s = sigmoid[i];
                dx[start + i] = dy[start + i] * s * (T.One + x[start + i] * (T.One - s));
            }
        }
    }
}
