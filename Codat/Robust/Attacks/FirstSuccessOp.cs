using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// Notes when an attack first succeeded. Inputs, all int32 (N): first success, -1 until there is one, and steps taken,
/// both overwritten; predicted classes; labels.
/// </summary>
internal sealed partial record FirstSuccessOp : Op, ICpuOp
{
    public override ReadOnlySpan<int> Mutates => [0, 1];

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        foreach (var input in inputs)
            if (input.Type != DType.Int32 || input.Shape.Rank != 1 || input != inputs[0])
                throw new ShapeException($"{Name} needs four int32 (N), found {input} beside {inputs[0]}");
        return inputs[0];
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) => new Kernel();

    private sealed class Kernel : CpuKernel
    {
        public override void Run(in CpuCall call)
        {
            var first = call.Mutable<int>(0);
            var taken = call.Mutable<int>(1);
            var predicted = call.Input<int>(2);
            var labels = call.Input<int>(3);
            for (var n = 0; n < first.Length; n++)
            {
                if (first[n] < 0 && predicted[n] != labels[n]) first[n] = taken[n];
                taken[n]++;
            }
        }
    }
}
