using System.Numerics;

namespace Codat.Native.Autograd;

/// <summary>KL(softmax(p) || softmax(q)) per sample, for logits p and q (N,K): (N).</summary>
/// <remarks>TRADES uses p for the clean logits and q for the attacked ones (Zhang et al. 2019, equation 5).</remarks>
internal sealed partial record KlDivergenceOp : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        if (inputs[0].Shape.Rank != 2 || inputs[0] != inputs[1] || !inputs[0].Type.IsFloating())
            throw new ShapeException($"{Name} needs two logits (N,K) of one type, found {inputs[0]} and {inputs[1]}");
        return new TensorType(inputs[0].Type, new Shape(inputs[0].Shape[0]));
    }

    public override void Backward(BackwardContext context)
    {
        for (var side = 0; side < 2; side++)
        {
            if (!context.Needs(side)) continue;
            context.Add(side, context.Graph.Apply(
                new KlDivergenceGradOp(side), context.Input(0), context.Input(1), context.Gradient));
        }
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new Factory(signature.Input(0).Shape[1], -1));

    internal readonly struct Factory(int classes, int side) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            new Kernel<T>(classes, side);
    }

    private sealed class Kernel<T>(int classes, int side) : CpuKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public override void Run(in CpuCall call)
        {
            var p = call.Input<T>(0);
            var q = call.Input<T>(1);
            var y = call.Output<T>();
            for (var n = 0; n < p.Length / classes; n++)
            {
                var zp = p.Slice(n * classes, classes);
                var zq = q.Slice(n * classes, classes);
                var (maxP, sumP) = Softmax.LogSumExp(zp);
                var (maxQ, sumQ) = Softmax.LogSumExp(zq);
                double kl = 0;
                for (var k = 0; k < classes; k++)
                    kl += Softmax.Probability(zp[k], maxP, sumP) * LogRatio(zp[k], zq[k], maxP + sumP, maxQ + sumQ);
                if (side < 0)
                {
                    y[n] = T.CreateTruncating(kl);
                    continue;
                }
                // d/dq = softmax(q) - softmax(p);  d/dp_k = softmax(p)_k (log ratio_k - KL).
                var scale = double.CreateTruncating(call.Input<T>(2)[n]);
                for (var k = 0; k < classes; k++)
                {
                    var pk = Softmax.Probability(zp[k], maxP, sumP);
                    var d = side == 1
                        ? Softmax.Probability(zq[k], maxQ, sumQ) - pk
                        : pk * (LogRatio(zp[k], zq[k], maxP + sumP, maxQ + sumQ) - kl);
                    y[n * classes + k] = T.CreateTruncating(d * scale);
                }
            }
        }

        private static double LogRatio(T zp, T zq, double normP, double normQ) =>
            double.CreateTruncating(zp) - normP - (double.CreateTruncating(zq) - normQ);
    }
}

/// <summary>
/// Gradient of <see cref="KlDivergenceOp"/> with respect to p (side 0) or q (side 1). Inputs p, q, dloss.
/// </summary>
internal sealed partial record KlDivergenceGradOp(int Side) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => inputs[0];

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new KlDivergenceOp.Factory(signature.Input(0).Shape[1], Side));
}
