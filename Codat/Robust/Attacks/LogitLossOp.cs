using System.Numerics;
using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>Losses of an attack that are functions of the order of the logits.</summary>
internal enum LogitLoss
{
    /// <summary>Difference of logits ratio: (w - y) / (1st - 3rd), w the largest wrong logit.</summary>
    Dlr,

    /// <summary>The same towards a target class t: (t - y) / (1st - (3rd + 4th) / 2).</summary>
    TargetedDlr,

    /// <summary>The target's logit minus the label's.</summary>
    Gap,
}

/// <summary>
/// Loss of each sample from logits (N,K), int32 labels (N) and int32 target classes (N), which
/// <see cref="LogitLoss.Dlr"/> does not look at: (N). Croce and Hein 2020 (arXiv 2003.01690), equations 6 and 7.
/// </summary>
internal sealed partial record LogitLossOp(LogitLoss Loss) : Op, ICpuOp
{
    /// <summary>Fewest classes with which a loss means anything.</summary>
    public static int LeastClasses(LogitLoss loss) => loss switch
    {
        LogitLoss.Dlr => 3,
        LogitLoss.TargetedDlr => 4,
        _ => 2,
    };

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        var (logits, rows) = (inputs[0], new TensorType(DType.Int32, new Shape(inputs[0].Shape[0])));
        if (logits.Shape.Rank != 2 || !logits.Type.IsFloating() || inputs[1] != rows || inputs[2] != rows
            || logits.Shape[1] < LeastClasses(Loss))
            throw new ShapeException(
                $"{Name} {Loss} needs logits (N,K), K at least {LeastClasses(Loss)}, int32 labels and targets (N), "
                + $"found {logits}, {inputs[1]}, {inputs[2]}");
        return new TensorType(logits.Type, rows.Shape);
    }

    public override void Backward(BackwardContext context) => context.Add(0, context.Graph.Apply(
        new LogitLossGradOp(Loss), context.Input(0), context.Input(1), context.Input(2), context.Gradient));

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new Factory(Loss, signature.Input(0).Shape[1], false));

    internal readonly struct Factory(LogitLoss loss, int classes, bool backward) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            new Kernel<T>(loss, classes, backward);
    }

    private sealed class Kernel<T>(LogitLoss loss, int classes, bool backward) : CpuKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // A ratio of equal logits is a number, not an infinity.
        private static readonly T s_tiny = T.CreateTruncating(1e-12);

        public override void Run(in CpuCall call)
        {
            var result = call.Output<T>();
            if (backward) result.Clear();
            for (var n = 0; n < call.Input<int>(1).Length; n++)
            {
                var z = call.Input<T>(0).Slice(n * classes, classes);
                var (label, target) = (call.Input<int>(1)[n], call.Input<int>(2)[n]);
                if (backward) Gradient(z, label, target, call.Input<T>(3)[n], result.Slice(n * classes, classes));
                else result[n] = Value(z, label, target);
            }
        }

        private T Value(ReadOnlySpan<T> z, int label, int target)
        {
            Span<int> top = stackalloc int[4];
            var rival = Rank(z, label, target, top);
            return (z[rival] - z[label]) / Scale(z, top);
        }

        private void Gradient(ReadOnlySpan<T> z, int label, int target, T d, Span<T> gradient)
        {
            Span<int> top = stackalloc int[4];
            var rival = Rank(z, label, target, top);
            var scale = Scale(z, top);
            var part = d / scale;
            gradient[rival] += part;
            gradient[label] -= part;
            if (loss == LogitLoss.Gap) return;
            var spread = part * ((z[rival] - z[label]) / scale);
            gradient[top[0]] -= spread;
            if (loss == LogitLoss.Dlr)
            {
                gradient[top[2]] += spread;
                return;
            }
            var half = spread / (T.One + T.One);
            gradient[top[2]] += half;
            gradient[top[3]] += half;
        }

        private T Scale(ReadOnlySpan<T> z, ReadOnlySpan<int> top) => loss switch
        {
            LogitLoss.Gap => T.One,
            LogitLoss.Dlr => z[top[0]] - z[top[2]] + s_tiny,
            _ => z[top[0]] - (z[top[2]] + z[top[3]]) / (T.One + T.One) + s_tiny,
        };

        /// <summary>The rival class; and the largest logits in order, the first of equal ones first.</summary>
        private int Rank(ReadOnlySpan<T> z, int label, int target, Span<int> top)
        {
            if (loss == LogitLoss.Gap) return target;
            var count = loss == LogitLoss.Dlr ? 3 : 4;
            for (var place = 0; place < count; place++)
            {
                var best = -1;
                for (var k = 0; k < classes; k++)
                    if (!top[..place].Contains(k) && (best < 0 || z[k] > z[best])) best = k;
                top[place] = best;
            }
            return loss == LogitLoss.TargetedDlr ? target : top[0] == label ? top[1] : top[0];
        }
    }
}

/// <summary>Gradient of <see cref="LogitLossOp"/>. Inputs logits, labels, targets, dloss.</summary>
internal sealed partial record LogitLossGradOp(LogitLoss Loss) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => inputs[0];

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new LogitLossOp.Factory(Loss, signature.Input(0).Shape[1], true));
}
