using System.Numerics;
using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// Before each step of an attack: keeps the last iterate of each image that is classified rightly, and counts wrong
/// ones up to 2. Inputs: the kept iterates (N,...) and the counts, int32 (N), both in place; the iterate (N,...),
/// predicted classes (N), labels (N).
/// </summary>
/// <remarks>An image counts its first wrong iterate, then the one a step later, whatever that is.</remarks>
internal sealed partial record BoundaryOp : Op, ICpuOp
{
    public override ReadOnlySpan<int> Mutates => [0, 1];

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        var rows = new TensorType(DType.Int32, new Shape(inputs[0].Shape[0]));
        return inputs[2] == inputs[0] && inputs[1] == rows && inputs[3] == rows && inputs[4] == rows
            ? inputs[0]
            : throw new ShapeException(
                $"{Name} needs kept and present iterates (N,...), int32 counts, predictions and labels (N), "
                + $"found {string.Join(", ", inputs.ToArray())}");
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new Factory());

    private readonly struct Factory : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> => new Kernel<T>();
    }

    private sealed class Kernel<T> : CpuKernel where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public override void Run(in CpuCall call)
        {
            var kept = call.Mutable<T>(0);
            var wrong = call.Mutable<int>(1);
            var iterate = call.Input<T>(2);
            var predicted = call.Input<int>(3);
            var labels = call.Input<int>(4);
            var run = kept.Length / wrong.Length;
            for (var n = 0; n < wrong.Length; n++)
            {
                if (wrong[n] > 0) wrong[n] = 2;
                else if (predicted[n] != labels[n]) wrong[n] = 1;
                else iterate.Slice(n * run, run).CopyTo(kept[(n * run)..]);
            }
        }
    }
}
