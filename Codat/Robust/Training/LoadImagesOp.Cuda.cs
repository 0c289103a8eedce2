using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

internal sealed partial record LoadImagesOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var x = signature.Output.Shape;
        var kernel = device.Kernel<LoadImagesArgs>("load_images.cu", "load_images", CudaVariants.For(Type));
        var args = new LoadImagesArgs { Count = x.Count, Height = x[1], Width = x[2], Channels = x[3] };
        var byId = signature.InputCount > 2;
        return new LaunchKernel<LoadImagesArgs>(kernel, (in CudaCall call) => new(LaunchShape.ForElements(args.Count),
            args with
            {
                Pixels = call.Input(0), Moves = call.Input(1), Ids = byId ? call.Input(2) : 0, Y = call.Output,
            }));
    }
}

/// <summary>Arguments of <c>load_images.cu</c>.</summary>
internal struct LoadImagesArgs
{
    public ulong Pixels, Moves, Ids, Y;
    public long Count;
    public int Height, Width, Channels, Unused;
}
