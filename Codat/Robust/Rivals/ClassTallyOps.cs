using System.Numerics;
using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// Adds to a table (2, K) of doubles, by class, the samples that are classified rightly and all samples. Inputs: the
/// table, predicted classes (N), labels (N), the step's status; a failed step is not counted.
/// </summary>
internal sealed partial record HitTallyOp : Op, ICpuOp
{
    public override ReadOnlySpan<int> Mutates => [0];

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) =>
        inputs[0].Type == DType.Float64 && inputs[0].Shape.Rank == 2 && inputs[0].Shape[0] == 2
        && inputs[1].Type == DType.Int32 && inputs[2] == inputs[1] && inputs[3].Type == DType.Int32
            ? inputs[0]
            : throw new ShapeException(
                $"{Name} needs a table (2,K), int32 predictions and labels (N) and the status, "
                + $"found {string.Join(", ", inputs.ToArray())}");

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) => new Kernel();

    private sealed class Kernel : CpuKernel
    {
        public override void Run(in CpuCall call)
        {
            if (call.Input<int>(3)[0] != 0) return;
            var table = call.Mutable<double>(0);
            var predicted = call.Input<int>(1);
            var labels = call.Input<int>(2);
            var classes = table.Length / 2;
            for (var n = 0; n < labels.Length; n++)
            {
                var own = LabelRules.Label(labels, n, classes);
                if (predicted[n] == own) table[own]++;
                table[classes + own]++;
            }
        }
    }
}

/// <summary>
/// Adds to a table (K, K + 1) of doubles, in the row of each sample's class, its softmax probabilities, and 1 in the
/// last column. Inputs: the table, logits (N, K), labels (N), the step's status; a failed step is not counted.
/// </summary>
/// <remarks>In double, samples and classes in order: the same bits on every device.</remarks>
internal sealed partial record SoftmaxTallyOp : Op, ICpuOp
{
    public override ReadOnlySpan<int> Mutates => [0];

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        LabelRules.Check(Name, inputs[1..]);
        var classes = inputs[1].Shape[1];
        return inputs[0] == new TensorType(DType.Float64, new Shape(classes, classes + 1))
            && inputs[3].Type == DType.Int32
            ? inputs[0]
            : throw new ShapeException(
                $"{Name} needs a table (K,K+1) and the status, found {string.Join(", ", inputs.ToArray())}");
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Input(1).Type, new Factory(signature.Input(1).Shape[1]));

    private readonly struct Factory(int classes) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> => new Kernel<T>(classes);
    }

    private sealed class Kernel<T>(int classes) : CpuKernel where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly double[] _terms = new double[classes];

        public override void Run(in CpuCall call)
        {
            if (call.Input<int>(3)[0] != 0) return;
            var labels = call.Input<int>(2);
            for (var n = 0; n < labels.Length; n++)
            {
                var own = LabelRules.Label(labels, n, classes);
                Add(call.Input<T>(1).Slice(n * classes, classes),
                    call.Mutable<double>(0).Slice(own * (classes + 1), classes + 1));
            }
        }

        private void Add(ReadOnlySpan<T> logits, Span<double> row)
        {
            var (most, total) = (double.NegativeInfinity, 0.0);
            foreach (var z in logits) most = Math.Max(most, double.CreateTruncating(z));
            for (var k = 0; k < classes; k++)
            {
                _terms[k] = PortableMath.Exp(double.CreateTruncating(logits[k]) - most);
                total += _terms[k];
            }
            for (var k = 0; k < classes; k++) row[k] += _terms[k] / total;
            row[classes]++;
        }
    }
}
