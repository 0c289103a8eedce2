namespace Codat.Native.Autograd;

internal sealed partial record FillOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var (type, count, value) = (Type, Shape.Count, Value);
        var kernel = device.Kernel<FillArgs>("fill.cu", "fill", CudaVariants.For(type));
        return new LaunchKernel<FillArgs>(kernel, (in CudaCall call) =>
        {
            var split = PackSplit.Of(type, count, call.Output);
            return new(split.Shape, new FillArgs
            {
                Y = call.Output, Count = split.Count, Packs = split.Packs, Value = value,
            });
        });
    }
}

/// <summary>Arguments of <c>fill.cu</c>.</summary>
internal struct FillArgs
{
    public ulong Y;
    public long Count, Packs;
    public double Value;
}
