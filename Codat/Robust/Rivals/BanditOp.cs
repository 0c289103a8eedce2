using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// Exponential weights of a bandit, in place, float64 (K): with p = gamma prior + (1 - gamma) softmax(w) over the
/// classes of the prior, w_k += rate / p_k for each sample of class k that is classified wrongly. Inputs: w, prior (K),
/// predicted classes (N), labels (N), the step's status; a failed step changes nothing.
/// </summary>
/// <remarks>In double, classes in order: the same bits on every device.</remarks>
internal sealed partial record BanditOp(double Gamma, double Rate) : Op, ICpuOp
{
    public override ReadOnlySpan<int> Mutates => [0];

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) =>
        inputs[0].Type == DType.Float64 && inputs[0].Shape.Rank == 1 && inputs[1] == inputs[0]
        && inputs[2].Type == DType.Int32 && inputs[3] == inputs[2] && inputs[4].Type == DType.Int32
            ? inputs[0]
            : throw new ShapeException(
                $"{Name} needs weights and prior (K), int32 predictions and labels (N) and the status, "
                + $"found {string.Join(", ", inputs.ToArray())}");

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        new Kernel(this, signature.Input(0).Shape[0]);

    /// <summary>The chance of each class; 0 where the prior is.</summary>
    public static void Distribution(
        ReadOnlySpan<double> weights, ReadOnlySpan<double> prior, double gamma, Span<double> shares)
    {
        var (most, total) = (double.NegativeInfinity, 0.0);
        for (var k = 0; k < weights.Length; k++)
            if (prior[k] > 0) most = Math.Max(most, weights[k]);
        for (var k = 0; k < weights.Length; k++)
        {
            shares[k] = prior[k] > 0 ? PortableMath.Exp(weights[k] - most) : 0;
            total += shares[k];
        }
        for (var k = 0; k < weights.Length; k++) shares[k] = gamma * prior[k] + (1 - gamma) * (shares[k] / total);
    }

    private sealed class Kernel(BanditOp op, int classes) : CpuKernel
    {
        private readonly double[] _shares = new double[classes];
        private readonly int[] _wrong = new int[classes];

        public override void Run(in CpuCall call)
        {
            if (call.Input<int>(4)[0] != 0) return;
            var weights = call.Mutable<double>(0);
            Distribution(weights, call.Input<double>(1), op.Gamma, _shares);
            Array.Clear(_wrong);
            var labels = call.Input<int>(3);
            for (var n = 0; n < labels.Length; n++)
                if (call.Input<int>(2)[n] != labels[n]) _wrong[LabelRules.Label(labels, n, classes)]++;
            for (var k = 0; k < classes; k++)
                if (_wrong[k] > 0 && _shares[k] > 0) weights[k] += _wrong[k] * (op.Rate / _shares[k]);
        }
    }
}
