namespace Codat.Native.Autograd;

internal sealed partial record OneHotOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var kernel = device.Kernel<LabelsArgs>("labels.cu", "one_hot", CudaVariants.For(Type));
        var args = new LabelsArgs { Rows = signature.Input(0).Shape[0], Classes = Classes };
        return new LaunchKernel<LabelsArgs>(kernel, (in CudaCall call) =>
            new(LogitRows.Shape(args.Rows), args with { X = call.Input(0), Y = call.Output }));
    }
}

internal sealed partial record ArgMaxOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var logits = signature.Input(0);
        var kernel = device.Kernel<LabelsArgs>("labels.cu", "arg_max", CudaVariants.For(logits.Type));
        var args = new LabelsArgs { Rows = logits.Shape[0], Classes = logits.Shape[1] };
        return new LaunchKernel<LabelsArgs>(kernel, (in CudaCall call) =>
            new(LogitRows.Shape(args.Rows), args with { X = call.Input(0), Y = call.Output }));
    }
}

/// <summary>Arguments of <c>labels.cu</c>.</summary>
internal struct LabelsArgs
{
    public ulong X, Y;
    public long Rows;
    public int Classes, Unused;
}
