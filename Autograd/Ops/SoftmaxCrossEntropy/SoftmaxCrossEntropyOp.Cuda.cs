namespace Codat.Native.Autograd;

internal sealed partial record SoftmaxCrossEntropyOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var logits = signature.Input(0);
        var kernel = device.Kernel<CrossEntropyArgs>(
            "softmax_cross_entropy.cu", "softmax_cross_entropy", CudaVariants.For(logits.Type));
        var args = new CrossEntropyArgs { Smoothing = Smoothing, Rows = logits.Shape[0], Classes = logits.Shape[1] };
        var shape = LogitRows.Shape(args.Rows);
        return new LaunchKernel<CrossEntropyArgs>(kernel, (in CudaCall call) => new(shape, args with
        {
            Logits = call.Input(0), Labels = call.Input(1), Y = call.Output,
        }));
    }
}

internal sealed partial record SoftmaxCrossEntropyGradOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var logits = signature.Input(0);
        var kernel = device.Kernel<CrossEntropyArgs>(
            "softmax_cross_entropy.cu", "softmax_cross_entropy_gradient", CudaVariants.For(logits.Type));
        var args = new CrossEntropyArgs { Smoothing = Smoothing, Rows = logits.Shape[0], Classes = logits.Shape[1] };
        var shape = LogitRows.Shape(args.Rows);
        return new LaunchKernel<CrossEntropyArgs>(kernel, (in CudaCall call) => new(shape, args with
        {
            Logits = call.Input(0), Labels = call.Input(1), LossGradient = call.Input(2), Y = call.Output,
        }));
    }
}

/// <summary>Arguments of <c>softmax_cross_entropy.cu</c>.</summary>
internal struct CrossEntropyArgs
{
    public ulong Logits, Labels, LossGradient, Y;
    public double Smoothing;
    public long Rows;
    public int Classes, Unused;
}
