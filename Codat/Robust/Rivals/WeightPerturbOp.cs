using System.Numerics;
using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// AWP (Wu et al., NeurIPS 2020, arXiv 2004.05884): moves a weight tensor in place to where its layer makes the loss
/// worst within a relative distance, w += gamma |w| g / |g|, Euclidean norms over the tensor. Inputs: weights,
/// gradient of the loss, status (int32): a non-zero one leaves the weights alone, and so does a gradient of 0.
/// </summary>
/// <remarks>
/// One step of ascent, as in the paper's experiments; with one step the projection to |v| at most gamma |w| has nothing
/// left to do. Authors' gamma: 0.01 for adversarial training, 0.005 for TRADES. Norms are sums in double.
/// </remarks>
internal sealed partial record WeightPerturbOp(double Gamma) : Op, ICpuOp
{
    public override ReadOnlySpan<int> Mutates => [0];

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) =>
        inputs[0] == inputs[1] && inputs[0].Type.IsFloating() && inputs[2].Type == DType.Int32
            ? inputs[0]
            : throw new ShapeException($"{Name}: weights {inputs[0]}, gradient {inputs[1]}, status {inputs[2]}");

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new Factory(Gamma));

    private readonly struct Factory(double gamma) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> => new Kernel<T>(gamma);
    }

    private sealed class Kernel<T>(double gamma) : CpuKernel where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public override void Run(in CpuCall call)
        {
            if (call.Input<int>(2)[0] != 0) return;
            var weights = call.Mutable<T>(0);
            var gradient = call.Input<T>(1);
            var (ownSquare, square) = (SumOfSquares(weights), SumOfSquares(gradient));
            if (!(square > 0)) return;
            var scale = T.CreateTruncating(gamma * Math.Sqrt(ownSquare / square));
            for (var i = 0; i < weights.Length; i++) weights[i] += scale * gradient[i];
        }

        private static double SumOfSquares(ReadOnlySpan<T> values)
        {
            var sum = 0.0;
            foreach (var value in values)
            {
                var wide = double.CreateTruncating(value);
                sum += wide * wide;
            }
            return sum;
        }
    }
}
