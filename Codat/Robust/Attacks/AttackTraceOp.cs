using System.Numerics;
using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// Notes what an attack sees before a step. Inputs, three overwritten: counts int32 (N, S, 4), losses (N, S), the
/// gradient of the step before (N,...); then steps taken int32 (N), iterate, gradient and clean images (N,...), losses
/// (N). The row of an image is its number of steps taken; steps from S on are not noted.
/// </summary>
/// <remarks>
/// The four counts are values at the bound, zero gradients, gradients that are no finite numbers
/// (<see cref="StepCounts"/>), and changed signs, -1 before the first step. Only reads what the attack works on.
/// </remarks>
internal sealed partial record AttackTraceOp(Norm Norm, double Epsilon) : Op, ICpuOp
{
    /// <summary>Counts of an image at a step.</summary>
    public const int Counts = 4;

    public override ReadOnlySpan<int> Mutates => [0, 1, 2];

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        var image = inputs[4];
        var (counts, losses) = (inputs[0].Shape, inputs[1].Shape);
        var fits = image.Shape.Rank >= 2 && inputs[2] == image && inputs[5] == image && inputs[6] == image
            && counts == new Shape(image.Shape[0], losses[1], Counts) && losses[0] == image.Shape[0]
            && inputs[3].Shape == new Shape(image.Shape[0]) && inputs[7].Shape == inputs[3].Shape;
        return fits
            ? inputs[0]
            : throw new ShapeException($"{Name}: {inputs[0]} and {inputs[1]} for {image}, gradient {inputs[5]}");
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Input(4).Type, new Factory(this, signature.Input(4).Shape));

    private readonly struct Factory(AttackTraceOp op, Shape shape) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> => new Kernel<T>(op, shape);
    }

    private sealed class Kernel<T>(AttackTraceOp op, Shape shape) : CpuKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly int _run = checked((int)(shape.Count / Math.Max(1, shape[0])));

        public override void Run(in CpuCall call)
        {
            var counts = call.Mutable<int>(0);
            var losses = call.Mutable<T>(1);
            var before = call.Mutable<T>(2);
            var taken = call.Input<int>(3);
            var x = call.Input<T>(4);
            var gradient = call.Input<T>(5);
            var clean = call.Input<T>(6);
            var loss = call.Input<T>(7);
            var steps = losses.Length / Math.Max(1, shape[0]);
            for (var n = 0; n < shape[0]; n++)
            {
                if (taken[n] >= steps) continue;
                var at = n * steps + taken[n];
                var image = x.Slice(n * _run, _run);
                var (zeros, nonFinite, flips) =
                    StepCounts.Gradient(gradient.Slice(n * _run, _run), before.Slice(n * _run, _run));
                var row = counts.Slice(at * Counts, Counts);
                row[0] = StepCounts.AtBound(image, clean.Slice(n * _run, _run), op.Norm, op.Epsilon);
                (row[1], row[2], row[3]) = (zeros, nonFinite, taken[n] == 0 ? -1 : flips);
                losses[at] = loss[n];
            }
        }
    }
}
