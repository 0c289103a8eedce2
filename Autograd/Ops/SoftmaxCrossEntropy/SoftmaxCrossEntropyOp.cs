using System.Numerics;

namespace Codat.Native.Autograd;

/// <summary>
/// Cross-entropy of logits (N,K) against int32 labels (N), per sample: (N). With label smoothing s the target is (1-s)
/// one-hot + s/K.
/// </summary>
internal sealed partial record SoftmaxCrossEntropyOp(double Smoothing) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        LabelRules.Check(Name, inputs);
        if (Smoothing is < 0 or >= 1)
            throw new ShapeException($"{Name}: label smoothing lies in [0,1), found {Smoothing}");
        return new TensorType(inputs[0].Type, new Shape(inputs[0].Shape[0]));
    }

    public override void Backward(BackwardContext context) => context.Add(0, context.Graph.Apply(
        new SoftmaxCrossEntropyGradOp(Smoothing), context.Input(0), context.Input(1), context.Gradient));

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new Factory(Smoothing, signature.Input(0).Shape[1]));

    private readonly struct Factory(double smoothing, int classes) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            new Kernel<T>(smoothing, classes);
    }

    private sealed class Kernel<T>(double smoothing, int classes) : CpuKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public override void Run(in CpuCall call)
        {
            var logits = call.Input<T>(0);
            var labels = call.Input<int>(1);
            var loss = call.Output<T>();
            for (var n = 0; n < labels.Length; n++)
            {
                var z = logits.Slice(n * classes, classes);
                var (max, logSum) = Softmax.LogSumExp(z);
                double uniform = 0;
                if (smoothing > 0)
                    foreach (var v in z) uniform += max + logSum - double.CreateTruncating(v);
                var own = max + logSum - double.CreateTruncating(z[LabelRules.Label(labels, n, classes)]);
                loss[n] = T.CreateTruncating((1 - smoothing) * own + smoothing / classes * uniform);
            }
        }
    }
}

/// <summary>
/// (softmax - target) times the gradient of each sample's loss. Inputs logits (N,K), labels (N), dloss (N).
/// </summary>
internal sealed partial record SoftmaxCrossEntropyGradOp(double Smoothing) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => inputs[0];

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new Factory(Smoothing, signature.Input(0).Shape[1]));

    private readonly struct Factory(double smoothing, int classes) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            new Kernel<T>(smoothing, classes);
    }

    private sealed class Kernel<T>(double smoothing, int classes) : CpuKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public override void Run(in CpuCall call)
        {
            var logits = call.Input<T>(0);
            var labels = call.Input<int>(1);
            var gradient = call.Input<T>(2);
            var result = call.Output<T>();
            for (var n = 0; n < labels.Length; n++)
            {
                var z = logits.Slice(n * classes, classes);
                var d = result.Slice(n * classes, classes);
                var (max, logSum) = Softmax.LogSumExp(z);
                var scale = double.CreateTruncating(gradient[n]);
                var label = LabelRules.Label(labels, n, classes);
                for (var k = 0; k < classes; k++)
                {
                    var target = smoothing / classes + (k == label ? 1 - smoothing : 0);
                    d[k] = T.CreateTruncating((Softmax.Probability<T>(z[k], max, logSum) - target) * scale);
                }
            }
        }
    }
}

/// <summary>Shape checks of ops that take logits (N,K) and labels (N).</summary>
internal static class LabelRules
{
    public static void Check(string op, ReadOnlySpan<TensorType> inputs)
    {
        var (logits, labels) = (inputs[0], inputs[1]);
        if (logits.Shape.Rank != 2 || !logits.Type.IsFloating() || labels.Type != DType.Int32
            || labels.Shape != new Shape(logits.Shape[0]))
            throw new ShapeException($"{op} needs logits (N,K) and int32 labels (N), found {logits} and {labels}");
    }

    /// <summary>The label of sample <paramref name="n"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not a class.</exception>
    public static int Label(ReadOnlySpan<int> labels, int n, int classes)
    {
        var label = labels[n];
        return (uint)label < (uint)classes
            ? label
            : throw new ArgumentOutOfRangeException(
                nameof(labels), $"label {label} of sample {n} is not a class: 0 to {classes - 1} expected");
    }
}
