using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

internal sealed partial record HitTallyOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var kernel = device.Kernel<ClassTallyArgs>("class_tally.cu", "hit_tally", CudaVariants.For(DType.Float32));
        var args = new ClassTallyArgs { Samples = signature.Input(2).Shape[0], Classes = signature.Input(0).Shape[1] };
        return new LaunchKernel<ClassTallyArgs>(kernel, (in CudaCall call) => new(
            LaunchShape.ForElements(args.Classes), args with
            {
                Table = call.Input(0), Predicted = call.Input(1), Labels = call.Input(2), Status = call.Input(3),
            }));
    }
}

internal sealed partial record SoftmaxTallyOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var logits = signature.Input(1);
        var kernel = device.Kernel<ClassTallyArgs>(
            "class_tally.cu", "softmax_tally", CudaVariants.For(logits.Type));
        var args = new ClassTallyArgs { Samples = logits.Shape[0], Classes = logits.Shape[1] };
        return new LaunchKernel<ClassTallyArgs>(kernel, (in CudaCall call) => new(
            LaunchShape.ForRows(args.Classes), args with
            {
                Table = call.Input(0), Logits = call.Input(1), Labels = call.Input(2), Status = call.Input(3),
            }));
    }
}

/// <summary>Arguments of <c>class_tally.cu</c>.</summary>
internal struct ClassTallyArgs
{
    public ulong Table, Logits, Predicted, Labels, Status;
    public int Samples, Classes;
}
