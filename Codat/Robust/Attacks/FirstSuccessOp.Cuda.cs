using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

internal sealed partial record FirstSuccessOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var kernel = device.Kernel<FirstSuccessArgs>(
            "first_success.cu", "first_success", CudaVariants.For(DType.Float32));
        var args = new FirstSuccessArgs { Count = signature.Input(0).Shape.Count };
        var shape = LaunchShape.ForElements(args.Count);
        return new LaunchKernel<FirstSuccessArgs>(kernel, (in CudaCall call) => new(shape, args with
        {
            First = call.Input(0), Taken = call.Input(1), Predicted = call.Input(2), Labels = call.Input(3),
        }));
    }
}

/// <summary>Arguments of <c>first_success.cu</c>.</summary>
internal struct FirstSuccessArgs
{
    public ulong First, Taken, Predicted, Labels;
    public long Count;
}
