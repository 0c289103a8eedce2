namespace Codat.Native.Autograd;

internal sealed partial record MarginOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var logits = signature.Input(0);
        var kernel = device.Kernel<MarginArgs>("margin.cu", "margin", CudaVariants.For(logits.Type));
        var args = new MarginArgs { Rows = logits.Shape[0], Classes = logits.Shape[1] };
        return new LaunchKernel<MarginArgs>(kernel, (in CudaCall call) => new(LogitRows.Shape(args.Rows), args with
        {
            Logits = call.Input(0), Labels = call.Input(1), Y = call.Output,
        }));
    }
}

internal sealed partial record MarginGradOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var logits = signature.Input(0);
        var kernel = device.Kernel<MarginArgs>("margin.cu", "margin_gradient", CudaVariants.For(logits.Type));
        var args = new MarginArgs { Rows = logits.Shape[0], Classes = logits.Shape[1] };
        return new LaunchKernel<MarginArgs>(kernel, (in CudaCall call) => new(LogitRows.Shape(args.Rows), args with
        {
            Logits = call.Input(0), Labels = call.Input(1), LossGradient = call.Input(2), Y = call.Output,
        }));
    }
}

/// <summary>Arguments of <c>margin.cu</c>.</summary>
internal struct MarginArgs
{
    public ulong Logits, Labels, LossGradient, Y;
    public long Rows;
    public int Classes, Unused;
}
