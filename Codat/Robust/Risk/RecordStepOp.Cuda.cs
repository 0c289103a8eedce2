using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

internal sealed partial record RecordStepOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var kernel = device.Kernel<RecordStepArgs>("record_step.cu", "record_step", CudaVariants.Exact);
        var args = new RecordStepArgs
        {
            Images = signature.Input(5).Shape.Count, Steps = signature.Input(0).Shape[0],
            Scalars = (int)signature.Input(3).Shape.Count, TableLength = (int)signature.Input(4).Shape.Count,
        };
        return new LaunchKernel<RecordStepArgs>(kernel, (in CudaCall call) => new(new LaunchShape(1, 256), args with
        {
            Rows = call.Input(0), Next = call.Input(1), Status = call.Input(2), Numbers = call.Input(3),
            Table = call.Input(4), Predicted = call.Input(5), Labels = call.Input(6),
        }));
    }
}

/// <summary>Arguments of <c>record_step.cu</c>.</summary>
internal struct RecordStepArgs
{
    public ulong Rows, Next, Status, Numbers, Table, Predicted, Labels;
    public long Images;
    public int Steps, Scalars, TableLength, Unused;
}
