using System.Numerics;

namespace Codat.Native.Autograd;

/// <summary>How random numbers are distributed.</summary>
public enum RandomKind
{
    /// <summary>Uniform in [-1, 1).</summary>
    Uniform,

    /// <summary>Standard normal.</summary>
    Normal,
}

/// <summary>
/// Random numbers of a shape (N,...), one stream per sample. Inputs: int32 sample ids (N), int32 counters (2): epoch,
/// restart.
/// </summary>
public sealed partial record RandomOp(
    RandomKind Kind, DType Type, Shape Shape, ulong Seed, RandomPurpose Purpose) : Op, ICpuOp
{
    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        if (Shape.Rank < 1 || inputs[0] != new TensorType(DType.Int32, new Shape(Shape[0]))
            || inputs[1] != new TensorType(DType.Int32, new Shape(2)))
            throw new ShapeException(
                $"{Name} of {Shape} needs int32 sample ids (N) and counters (2), found {inputs[0]} and {inputs[1]}");
        return new TensorType(Type, Shape);
    }

    /// <inheritdoc/>
    public override void Backward(BackwardContext context)
    {
    }

    /// <inheritdoc/>
    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(Type, new Factory(this));

    private readonly struct Factory(RandomOp op) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> => new Kernel<T>(op);
    }

    private sealed unsafe class Kernel<T>(RandomOp op) : CpuKernel where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly int _run = checked((int)(op.Shape.Count / Math.Max(1, op.Shape[0])));

        public override void Run(in CpuCall call)
        {
            var counters = call.Input<int>(1);
            var body = new Body
            {
                Ids = (int*)call.InputPointer(0), Y = (T*)call.OutputPointer, Length = _run, Seed = op.Seed,
                Normal = op.Kind == RandomKind.Normal,
                Epoch = (uint)counters[0], Use = Philox.Use(op.Purpose, counters[1]),
            };
            Tiles.Run(call.Workers, op.Shape[0], ref body);
        }

        private struct Body : ITileBody
        {
            public int* Ids;
            public T* Y;
            public int Length;
            public ulong Seed;
            public uint Epoch, Use;
            public bool Normal;

            public readonly void Run(int tile, int worker)
            {
                var y = new Span<T>(Y + (long)tile * Length, Length);
                Span<T> four = stackalloc T[4];
                for (var i = 0; i < Length; i += 4)
                {
                    Philox.Next(
                        Seed, (uint)Ids[tile], Epoch, Use, (uint)(i / 4), out var a, out var b, out var c, out var d);
                    if (Normal)
                    {
                        var (n0, n1) = Philox.Normal(a, b);
                        var (n2, n3) = Philox.Normal(c, d);
                        (four[0], four[1], four[2], four[3]) =
                            (T.CreateTruncating(n0), T.CreateTruncating(n1),
                                T.CreateTruncating(n2), T.CreateTruncating(n3));
                    }
                    else
                    {
                        four[0] = Signed(a);
                        four[1] = Signed(b);
                        four[2] = Signed(c);
                        four[3] = Signed(d);
                    }
                    four[..Math.Min(4, Length - i)].CopyTo(y[i..]);
                }
            }

            private static T Signed(uint word) => T.CreateTruncating(2 * Philox.Uniform(word) - 1);
        }
    }
}
