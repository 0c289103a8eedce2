using System.Numerics;

namespace Codat.Native.Autograd;

/// <summary>The CPU kernels of batch norm; moments and sums are accumulated in double over fixed parts.</summary>
internal static unsafe class BatchNormCpu
{
    public static CpuKernel Moments(in OpSignature s) =>
        FloatKernels.Create(s.Output.Type, new MomentsFactory(s.Input(0).Shape));

    public static CpuKernel Sums(BatchNormSumsOp op, in OpSignature s) =>
        FloatKernels.Create(s.Output.Type, new SumsFactory(op.Epsilon, s.Input(0).Shape));

    public static CpuKernel Normalise(BatchNormOp op, in OpSignature s) =>
        FloatKernels.Create(s.Output.Type, new NormaliseFactory(op, s.Output.Shape));

    public static CpuKernel InputGrad(BatchNormInputGradOp op, in OpSignature s) =>
        FloatKernels.Create(s.Output.Type, new InputGradFactory(op.Epsilon, s.Output.Shape));

    public static CpuKernel UpdateRunning(UpdateRunningMomentsOp op, in OpSignature s) =>
        FloatKernels.Create(
            s.Output.Type, new SmallFactory(SmallKind.UpdateRunning, op.Momentum, op.Rows, s.Output.Shape));

    public static CpuKernel Fold(FoldMomentsOp op, in OpSignature s) =>
        FloatKernels.Create(s.Output.Type, new SmallFactory(SmallKind.Fold, op.Epsilon, 0, s.Output.Shape));

    public static CpuKernel ScaleFilters(in OpSignature s) =>
        FloatKernels.Create(s.Output.Type, new SmallFactory(SmallKind.ScaleFilters, 0, 0, s.Output.Shape));

    public static CpuKernel Affine(in OpSignature s, bool residual, bool relu, bool mask, bool shift) =>
        FloatKernels.Create(
            s.Output.Type, new AffineFactory(s.Output.Shape, new AffineKind(residual, relu, mask, shift)));

    private readonly struct MomentsFactory(Shape shape) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            new BatchMomentsKernel<T>(shape);
    }

    private readonly struct SumsFactory(double epsilon, Shape shape) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            new BatchNormSumsKernel<T>(epsilon, shape);
    }

    private readonly struct NormaliseFactory(BatchNormOp op, Shape shape) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            new NormaliseKernel<T>(op, shape);
    }

    private readonly struct InputGradFactory(double epsilon, Shape shape) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            new InputGradKernel<T>(epsilon, shape);
    }

    private readonly struct AffineFactory(Shape shape, AffineKind kind) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            new AffineKernel<T>(shape, kind);
    }

    private readonly struct SmallFactory(SmallKind kind, double parameter, long rows, Shape shape) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            new SmallKernel<T>(kind, parameter, rows, shape);
    }

    private enum SmallKind
    {
        UpdateRunning,
        Fold,
        ScaleFilters,
    }

    /// <summary>Work on per-channel tables and weights: too little to spread over threads.</summary>
    private sealed class SmallKernel<T>(SmallKind kind, double parameter, long rows, Shape shape) : CpuKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public override void Run(in CpuCall call)
        {
            switch (kind)
            {
                case SmallKind.UpdateRunning when call.Input<int>(2)[0] != 0: break;
                case SmallKind.UpdateRunning: UpdateRunning(call.Mutable<T>(0), call.Input<T>(1)); break;
                case SmallKind.Fold:
                    Fold(call.Input<T>(0), call.Input<T>(1), call.Input<T>(2), call.Output<T>());
                    break;
                default: ScaleFilters(call.Input<T>(0), call.Input<T>(1), call.Output<T>()); break;
            }
        }

        private void UpdateRunning(Span<T> running, ReadOnlySpan<T> batch)
        {
            var c = running.Length / 2;
            var momentum = T.CreateTruncating(parameter);
            // PyTorch stores the unbiased variance, and leaves it infinite for a single value; that case keeps the
            // biased one.
            var unbias = T.CreateTruncating(rows > 1 ? rows / (rows - 1.0) : 1.0);
            for (var i = 0; i < c; i++)
            {
                running[i] = (T.One - momentum) * running[i] + momentum * batch[i];
                running[c + i] = (T.One - momentum) * running[c + i] + momentum * (batch[c + i] * unbias);
            }
        }

        private void Fold(ReadOnlySpan<T> gamma, ReadOnlySpan<T> beta, ReadOnlySpan<T> moments, Span<T> affine)
        {
            var c = gamma.Length;
            for (var i = 0; i < c; i++)
            {
                var scale = double.CreateTruncating(gamma[i])
                    / Math.Sqrt(double.CreateTruncating(moments[c + i]) + parameter);
                affine[i] = T.CreateTruncating(scale);
                affine[c + i] = T.CreateTruncating(
                    double.CreateTruncating(beta[i]) - double.CreateTruncating(moments[i]) * scale);
            }
        }

        private void ScaleFilters(ReadOnlySpan<T> weights, ReadOnlySpan<T> affine, Span<T> scaled)
        {
            var run = weights.Length / shape[0];
            for (var k = 0; k < shape[0]; k++)
                System.Numerics.Tensors.TensorPrimitives.Multiply(
                    weights.Slice(k * run, run), affine[k], scaled.Slice(k * run, run));
        }
    }
}
