using System.Numerics;
using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd;

/// <summary>
/// One step of stochastic gradient descent over flat arenas, in place: g += decay w; v = momentum v + g;
/// w -= lr (Nesterov ? g + momentum v : v). PyTorch's rule (no dampening). The learning rate is in memory, so schedules
/// need no new plan.
/// </summary>
/// <remarks>
/// Inputs: weights, velocity, gradient (all P), learning rate (1), status (int32, 1 or more): a non-zero first status
/// skips the step.
/// </remarks>
public sealed partial record SgdStepOp(double Momentum, double WeightDecay, bool Nesterov) : Op, ICpuOp
{
    /// <inheritdoc/>
    public override ReadOnlySpan<int> Mutates => [0, 1];

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        if (inputs[1] != inputs[0] || inputs[2] != inputs[0]
            || inputs[3] != new TensorType(inputs[0].Type, new Shape(1)) || inputs[4].Type != DType.Int32)
            throw new ShapeException(
                $"{Name}: weights {inputs[0]}, velocity {inputs[1]}, gradient {inputs[2]}, "
                + $"rate {inputs[3]}, status {inputs[4]}");
        return inputs[0];
    }

    /// <inheritdoc/>
    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new Factory(this, signature.Output.Shape.Count));

    private readonly struct Factory(SgdStepOp op, long count) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> => new Kernel<T>(op, count);
    }

    private sealed unsafe class Kernel<T>(SgdStepOp op, long count) : CpuKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public override void Run(in CpuCall call)
        {
            if (call.Input<int>(4)[0] != 0) return;
            var body = new Body
            {
                W = (T*)call.InputPointer(0), V = (T*)call.InputPointer(1), G = (T*)call.InputPointer(2),
                Rate = call.Input<T>(3)[0],
                Momentum = T.CreateTruncating(op.Momentum), Decay = T.CreateTruncating(op.WeightDecay),
                Nesterov = op.Nesterov, Count = count,
            };
            Tiles.Run(call.Workers, Tiles.Count(count, Tiles.Elements), ref body);
        }

        private struct Body : ITileBody
        {
            public T* W, V, G;
            public T Rate, Momentum, Decay;
            public bool Nesterov;
            public long Count;

            [MethodImpl(MethodImplOptions.AggressiveOptimization)]
            public readonly void Run(int tile, int worker)
            {
                var i = (long)tile * Tiles.Elements;
                var end = Math.Min(Count, i + Tiles.Elements);
                var (rate, momentum, decay) = (new Vector<T>(Rate), new Vector<T>(Momentum), new Vector<T>(Decay));
                for (; i <= end - Vector<T>.Count; i += Vector<T>.Count)
                {
                    var w = Unsafe.ReadUnaligned<Vector<T>>(W + i);
                    var g = Unsafe.ReadUnaligned<Vector<T>>(G + i) + decay * w;
                    var v = momentum * Unsafe.ReadUnaligned<Vector<T>>(V + i) + g;
                    Unsafe.WriteUnaligned(V + i, v);
                    Unsafe.WriteUnaligned(W + i, w - rate * (Nesterov ? g + momentum * v : v));
                }
                for (; i < end; i++)
                {
                    var g = G[i] + Decay * W[i];
                    V[i] = Momentum * V[i] + g;
                    W[i] -= Rate * (Nesterov ? g + Momentum * V[i] : V[i]);
                }
            }
        }
    }
}

/// <summary>
/// An exponential average in place: a += (1 - decay) (w - a). Inputs: average, weights (both P), status; a non-zero
/// status skips.
/// </summary>
public sealed partial record AverageStepOp(double Decay) : Op, ICpuOp
{
    /// <inheritdoc/>
    public override ReadOnlySpan<int> Mutates => [0];

    /// <inheritdoc/>
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) =>
        inputs[0] == inputs[1] && inputs[2].Type == DType.Int32
            ? inputs[0]
            : throw new ShapeException($"{Name}: average {inputs[0]}, weights {inputs[1]}, status {inputs[2]}");

    /// <inheritdoc/>
    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new Factory(Decay));

    private readonly struct Factory(double decay) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            new Kernel<T>(T.CreateTruncating(1 - decay));
    }

    private sealed class Kernel<T>(T share) : CpuKernel where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public override void Run(in CpuCall call)
        {
            if (call.Input<int>(2)[0] != 0) return;
            var average = call.Mutable<T>(0);
            var weights = call.Input<T>(1);
            for (var i = 0; i < average.Length; i++) average[i] += share * (weights[i] - average[i]);
        }
    }
}
