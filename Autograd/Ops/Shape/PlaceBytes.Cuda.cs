using Codat.Native.Interop;

namespace Codat.Native.Autograd;

internal sealed partial record RowOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var bytes = signature.Output.Shape.Count * signature.Output.Type.Size();
        var offset = (ulong)(Row * bytes);
        return new LaunchKernel<PlaceBytesArgs>(PlaceBytesArgs.Kernel(device), (in CudaCall call) =>
            PlaceBytesArgs.Copy(call.Input(0) + offset, call.Output, bytes));
    }
}

internal sealed partial record PlaceRowOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var bytes = signature.Input(0).Shape.Count * signature.Output.Type.Size();
        var total = signature.Output.Shape.Count * signature.Output.Type.Size();
        var first = Row * bytes;
        return new LaunchKernel<PlaceBytesArgs>(PlaceBytesArgs.Kernel(device), (in CudaCall call) =>
            new(LaunchShape.ForElements(total, perThread: 16), new PlaceBytesArgs
            {
                From = call.Input(0), To = call.Output, Bytes = total, First = first, Last = first + bytes,
            }));
    }
}

internal sealed partial record StoreOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var bytes = checked(signature.Output.Shape.Count * signature.Output.Type.Size());
        return new LaunchKernel<PlaceBytesArgs>(PlaceBytesArgs.Kernel(device), (in CudaCall call) =>
            PlaceBytesArgs.Copy(call.Input(1), call.Input(0), bytes));
    }
}

/// <summary>Arguments of <c>place_bytes.cu</c>.</summary>
internal struct PlaceBytesArgs
{
    public ulong From, To;
    public long Bytes, First, Last;

    public static CudaKernel<PlaceBytesArgs> Kernel(CudaDevice device) =>
        device.Kernel<PlaceBytesArgs>("place_bytes.cu", "place_bytes", CudaVariants.Exact);

    public static Launch<PlaceBytesArgs> Copy(ulong from, ulong to, long bytes) =>
        new(LaunchShape.ForElements(bytes, perThread: 16), new PlaceBytesArgs
        {
            From = from, To = to, Bytes = bytes, First = 0, Last = bytes,
        });
}
