using Codat.Native.Interop;

namespace Codat.Native.Autograd;

internal sealed partial record ConvertOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var kernel = ConvertArgs.Kernel(device, signature.Input(0).Type, signature.Output.Type);
        var args = new ConvertArgs
        {
            Count = signature.Output.Shape.Count, FromChannels = signature.Input(0).Shape.Channels,
            ToChannels = signature.Output.Shape.Channels,
        };
        return new LaunchKernel<ConvertArgs>(kernel, (in CudaCall call) =>
            new(ConvertArgs.Shape(args.Count), args with { From = call.Input(0), To = call.Output }));
    }
}

/// <summary>Arguments of <c>convert.cu</c>.</summary>
internal struct ConvertArgs
{
    public ulong From, To;
    public long Count;
    public int FromChannels, ToChannels;

    public static CudaKernel<ConvertArgs> Kernel(CudaDevice device, DType from, DType to) =>
        device.Kernel<ConvertArgs>("convert.cu", "convert", CudaVariants.Between(from, to));

    public static LaunchShape Shape(long count) => LaunchShape.ForElements(count, perThread: 4);
}
