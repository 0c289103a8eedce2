namespace Codat.Native.Autograd;

internal sealed partial record KlDivergenceOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var p = signature.Input(0);
        var kernel = device.Kernel<KlArgs>("kl_divergence.cu", "kl_divergence", CudaVariants.For(p.Type));
        var args = new KlArgs { Rows = p.Shape[0], Classes = p.Shape[1] };
        return new LaunchKernel<KlArgs>(kernel, (in CudaCall call) => new(LogitRows.Shape(args.Rows), args with
        {
            P = call.Input(0), Q = call.Input(1), Y = call.Output,
        }));
    }
}

internal sealed partial record KlDivergenceGradOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var p = signature.Input(0);
        var kernel = device.Kernel<KlArgs>("kl_divergence.cu", "kl_divergence_gradient", CudaVariants.For(p.Type));
        var args = new KlArgs { Rows = p.Shape[0], Classes = p.Shape[1], Side = Side };
        return new LaunchKernel<KlArgs>(kernel, (in CudaCall call) => new(LogitRows.Shape(args.Rows), args with
        {
            P = call.Input(0), Q = call.Input(1), LossGradient = call.Input(2), Y = call.Output,
        }));
    }
}

/// <summary>Arguments of <c>kl_divergence.cu</c>.</summary>
internal struct KlArgs
{
    public ulong P, Q, LossGradient, Y;
    public long Rows;
    public int Classes, Side;
}
