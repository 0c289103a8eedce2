using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

internal sealed partial record BoundaryOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var x = signature.Output;
        var kernel = device.Kernel<BoundaryArgs>("boundary.cu", "boundary", CudaVariants.For(x.Type));
        var args = new BoundaryArgs { Run = x.Shape.Count / Math.Max(1, x.Shape[0]) };
        var shape = LaunchShape.ForRows(x.Shape[0]);
        return new LaunchKernel<BoundaryArgs>(kernel, (in CudaCall call) => new(shape, args with
        {
            Kept = call.Input(0), Wrong = call.Input(1), Iterate = call.Input(2), Predicted = call.Input(3),
            Labels = call.Input(4),
        }));
    }
}

/// <summary>Arguments of <c>boundary.cu</c>.</summary>
internal struct BoundaryArgs
{
    public ulong Kept, Wrong, Iterate, Predicted, Labels;
    public long Run;
}
