using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

internal sealed partial record AttackTraceOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var image = signature.Input(4);
        var kernel = device.Kernel<AttackTraceArgs>("attack_trace.cu", "attack_trace", CudaVariants.For(image.Type));
        var shape = LaunchShape.ForRows(image.Shape[0]);
        var args = new AttackTraceArgs
        {
            Run = image.Shape.Count / Math.Max(1, image.Shape[0]), Bound = Epsilon - StepCounts.Slack,
            Steps = (int)signature.Input(1).Shape[1], IsL2 = Norm == Norm.L2 ? 1 : 0,
        };
        return new LaunchKernel<AttackTraceArgs>(kernel, (in CudaCall call) => new(shape, args with
        {
            Counts = call.Input(0), Losses = call.Input(1), Before = call.Input(2), Taken = call.Input(3),
            X = call.Input(4), Gradient = call.Input(5), Clean = call.Input(6), Loss = call.Input(7),
        }));
    }
}

/// <summary>Arguments of <c>attack_trace.cu</c>.</summary>
internal struct AttackTraceArgs
{
    public ulong Counts, Losses, Before, Taken, X, Gradient, Clean, Loss;
    public long Run;
    public double Bound;
    public int Steps, IsL2;
}
