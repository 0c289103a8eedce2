namespace Codat.Native.Autograd;

internal sealed partial record UnaryOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var y = signature.Output;
        var kernel = device.Kernel<UnaryArgs>("unary.cu", "unary", CudaVariants.For(y.Type));
        var args = new UnaryArgs { A = A, B = B, Kind = (int)Kind };
        return new LaunchKernel<UnaryArgs>(kernel, (in CudaCall call) =>
        {
            var split = PackSplit.Of(y.Type, y.Shape.Count, call.Input(0), call.Output);
            return new(split.Shape, args with
            {
                X = call.Input(0), Y = call.Output, Count = split.Count, Packs = split.Packs,
            });
        });
    }
}

/// <summary>Arguments of <c>unary.cu</c>.</summary>
internal struct UnaryArgs
{
    public ulong X, Y;
    public long Count, Packs;
    public double A, B;
    public int Kind;
}
