using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

internal sealed partial record ClassRiskOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var loss = signature.Input(0);
        var kernel = device.Kernel<ClassRiskArgs>("class_risk.cu", "class_risk", CudaVariants.For(loss.Type));
        var args = new ClassRiskArgs { Samples = loss.Shape[0], Classes = Classes };
        return new LaunchKernel<ClassRiskArgs>(kernel, (in CudaCall call) => new(LaunchShape.ForRows(args.Classes),
            args with { Loss = call.Input(0), Labels = call.Input(1), Y = call.Output }));
    }
}

internal sealed partial record GatherByLabelOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var kernel = device.Kernel<ClassRiskArgs>("class_risk.cu", "gather_by_label", CudaVariants.For(Type));
        var args = new ClassRiskArgs { Samples = checked((int)signature.Output.Shape.Count) };
        args.Classes = signature.Input(0).Shape[0];
        return new LaunchKernel<ClassRiskArgs>(kernel, (in CudaCall call) => new(LaunchShape.ForElements(args.Samples),
            args with { Table = call.Input(0), Labels = call.Input(1), Y = call.Output }));
    }
}

/// <summary>Arguments of <c>class_risk.cu</c>.</summary>
internal struct ClassRiskArgs
{
    public ulong Loss, Labels, Y, Table;
    public int Samples, Classes;
}
