using System.Numerics;
using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd;

/// <summary>What a sum leaves standing.</summary>
internal enum ReduceKind
{
    /// <summary>A scalar.</summary>
    All,

    /// <summary>The first dimension.</summary>
    Rows,

    /// <summary>The last dimension.</summary>
    Channels,
}

/// <summary>A sum over dimensions, in a fixed order, accumulated in double.</summary>
internal sealed partial record ReduceOp(ReduceKind Kind) : Op, ICpuOp
{
    public override string Name => $"Sum{Kind}";

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        var x = inputs[0];
        if (!x.Type.IsFloating()) throw new ShapeException($"{Name} needs floating-point input, found {x}");
        if (Kind != ReduceKind.All && x.Shape.Rank == 0)
            throw new ShapeException($"{Name} needs at least one dimension, found {x}");
        return new TensorType(x.Type, Kind switch
        {
            ReduceKind.Rows => new Shape(x.Shape[0]),
            ReduceKind.Channels => new Shape(x.Shape[-1]),
            _ => Shape.Scalar,
        });
    }

    public override void Backward(BackwardContext context) =>
        context.Add(0, context.Graph.Apply(new SpreadOp(Kind, context.Input(0).Shape), context.Gradient));

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new Factory(Kind, signature.Input(0).Shape));

    private readonly struct Factory(ReduceKind kind, Shape shape) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            kind == ReduceKind.Channels ? new ChannelKernel<T>(shape) : new RunKernel<T>(kind, shape);
    }

    /// <summary>Sums contiguous runs: the whole tensor, or each row.</summary>
    private sealed unsafe class RunKernel<T>(ReduceKind kind, Shape shape) : CpuKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly long _run = kind == ReduceKind.All ? shape.Count : shape[0] == 0 ? 0 : shape.Count / shape[0];
        private readonly int _rows = kind == ReduceKind.All ? 1 : shape[0];

        public override void Run(in CpuCall call)
        {
            var body = new Body { X = (T*)call.InputPointer(0), Y = (T*)call.OutputPointer, Length = _run };
            Tiles.Run(call.Workers, _rows, ref body);
        }

        private struct Body : ITileBody
        {
            public T* X, Y;
            public long Length;

            public readonly void Run(int tile, int worker)
            {
                var x = X + tile * Length;
                // Blocks keep the running sum short, which keeps the rounding error at that of a pairwise sum.
                double total = 0;
                for (long start = 0; start < Length; start += 512)
                {
                    var end = Math.Min(Length, start + 512);
                    double sum = 0;
                    for (var i = start; i < end; i++) sum += double.CreateTruncating(x[i]);
                    total += sum;
                }
                Y[tile] = T.CreateTruncating(total);
            }
        }
    }

    private sealed unsafe class ChannelKernel<T>(Shape shape) : CpuKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly ChannelSums _sums = new(shape, 1);

        public override long WorkspaceBytes => _sums.WorkspaceBytes;

        public override void Run(in CpuCall call)
        {
            var body = new Body
            {
                X = (T*)call.InputPointer(0), Sums = _sums, Workspace = (double*)call.WorkspacePointer,
            };
            Tiles.Run(call.Workers, _sums.Parts, ref body);
            _sums.Combine(body.Workspace);
            var y = (T*)call.OutputPointer;
            for (var c = 0; c < _sums.Channels; c++) y[c] = T.CreateTruncating(body.Workspace[c]);
        }

        private struct Body : ITileBody
        {
            private const int RowsPerBlock = 64;

            public T* X;
            public ChannelSums Sums;
            public double* Workspace;

            [MethodImpl(MethodImplOptions.AggressiveOptimization)]
            public readonly void Run(int tile, int worker)
            {
                var channels = Sums.Channels;
                var (first, last) = Sums.RowsOf(tile);
                var sum = Sums.Part(Workspace, tile);
                new Span<double>(sum, channels).Clear();
                // Short blocks are summed in T, blocks in double.
                for (var row = first; row < last; row += RowsPerBlock)
                {
                    var end = Math.Min(last, row + RowsPerBlock);
                    var c = 0;
                    for (; c <= channels - Vector<T>.Count; c += Vector<T>.Count)
                    {
                        var block = Vector<T>.Zero;
                        for (var r = row; r < end; r++) block += Unsafe.ReadUnaligned<Vector<T>>(X + r * channels + c);
                        for (var i = 0; i < Vector<T>.Count; i++) sum[c + i] += double.CreateTruncating(block[i]);
                    }
                    for (; c < channels; c++)
                    {
                        var block = T.Zero;
                        for (var r = row; r < end; r++) block += X[r * channels + c];
                        sum[c] += double.CreateTruncating(block);
                    }
                }
            }
        }
    }
}

/// <summary>Spreads a sum's gradient back: the transpose of <see cref="ReduceOp"/>.</summary>
internal sealed partial record SpreadOp(ReduceKind Kind, Shape To) : Op, ICpuOp
{
    public override string Name => $"Spread{Kind}";

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => new(inputs[0].Type, To);

    public override void Backward(BackwardContext context) =>
        context.Add(0, context.Graph.Apply(new ReduceOp(Kind), context.Gradient));

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new Factory(Kind, To));

    private readonly struct Factory(ReduceKind kind, Shape to) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> => new Kernel<T>(kind, to);
    }

    private sealed class Kernel<T>(ReduceKind kind, Shape to) : CpuKernel where T : unmanaged
    {
        public override void Run(in CpuCall call)
        {
            var x = call.Input<T>(0);
            var y = call.Output<T>();
            switch (kind)
            {
                case ReduceKind.All:
                    y.Fill(x[0]);
                    break;
                case ReduceKind.Rows:
                    var run = y.Length / to[0];
                    for (var row = 0; row < to[0]; row++) y.Slice(row * run, run).Fill(x[row]);
                    break;
                default:
                    for (var row = 0; row < y.Length; row += x.Length) x.CopyTo(y[row..]);
                    break;
            }
        }
    }
}
