using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// Writes what a step left behind into the next row of a <see cref="StepRing"/>. Inputs: the ring's rows and place,
/// overwritten; the record's status, numbers and table; predicted classes and labels, int32 (N).
/// </summary>
internal sealed partial record RecordStepOp : Op, ICpuOp
{
    public override ReadOnlySpan<int> Mutates => [0, 1];

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        var width = StepRing.TableAt + inputs[4].Shape.Count;
        if (inputs[0].Shape.Rank != 2 || inputs[0].Shape[1] != width || inputs[5] != inputs[6])
            throw new ShapeException($"{Name}: rows {inputs[0]}, {width} numbers, {inputs[5]} and {inputs[6]}");
        return inputs[0];
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        new Kernel(signature.Input(0).Shape);

    private sealed class Kernel(Shape ring) : CpuKernel
    {
        public override void Run(in CpuCall call)
        {
            var next = call.Mutable<int>(1);
            var row = call.Mutable<double>(0).Slice(next[0] * ring[1], ring[1]);
            next[0] = (next[0] + 1) % ring[0];
            var status = call.Input<int>(2);
            var predicted = call.Input<int>(5);
            var labels = call.Input<int>(6);
            var right = 0;
            for (var i = 0; i < labels.Length; i++) right += predicted[i] == labels[i] ? 1 : 0;
            (row[StepRing.StatusAt], row[StepRing.BadClassAt], row[StepRing.RightAt]) = (status[0], status[1], right);
            call.Input<double>(3).CopyTo(row[StepRing.NumbersAt..]);
            call.Input<double>(4).CopyTo(row[StepRing.TableAt..]);
        }
    }
}
