using System.Numerics;

namespace Codat.Native.Autograd;

/// <summary>
/// Largest wrong logit minus the label's logit per sample: (N). Carlini and Wagner 2017, without a confidence bound.
/// </summary>
internal sealed partial record MarginOp : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        LabelRules.Check(Name, inputs);
        if (inputs[0].Shape[1] < 2) throw new ShapeException($"{Name} needs two classes, found {inputs[0]}");
        return new TensorType(inputs[0].Type, new Shape(inputs[0].Shape[0]));
    }

    public override void Backward(BackwardContext context) =>
        context.Add(0, context.Graph.Apply(new MarginGradOp(), context.Input(0), context.Input(1), context.Gradient));

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new Factory(signature.Input(0).Shape[1], false));

    internal readonly struct Factory(int classes, bool backward) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            new Kernel<T>(classes, backward);
    }

    private sealed class Kernel<T>(int classes, bool backward) : CpuKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public override void Run(in CpuCall call)
        {
            var logits = call.Input<T>(0);
            var labels = call.Input<int>(1);
            var result = call.Output<T>();
            if (backward) result.Clear();
            for (var n = 0; n < labels.Length; n++)
            {
                var label = LabelRules.Label(labels, n, classes);
                var z = logits.Slice(n * classes, classes);
                var wrong = label == 0 ? 1 : 0;
                for (var k = 0; k < classes; k++)
                    if (k != label && (z[k] > z[wrong] || T.IsNaN(z[k]))) wrong = k;
                if (backward)
                {
                    var d = call.Input<T>(2)[n];
                    result[n * classes + wrong] = d;
                    result[n * classes + label] = -d;
                }
                else
                {
                    result[n] = z[wrong] - z[label];
                }
            }
        }
    }
}

/// <summary>Gradient of <see cref="MarginOp"/>. Inputs logits, labels, dloss.</summary>
internal sealed partial record MarginGradOp : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => inputs[0];

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new MarginOp.Factory(signature.Input(0).Shape[1], true));
}
