using Codat.Native.Interop;

namespace Codat.Native.Autograd;

internal sealed partial record MaxPool2dOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device) => WindowArgs.Create(
        device, "max_pool.cu", "max_pool", Window, signature.Input(0), signature.Output.Shape, isGradient: false);
}

internal sealed partial record MaxPool2dGradOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device) => WindowArgs.Create(
        device, "max_pool.cu", "max_pool_gradient", new PoolWindow(Size, Stride, Padding), signature.Output,
        signature.Input(0).Shape, isGradient: true, hasImage: true, ReluMask);
}

internal sealed partial record AvgPool2dOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device) => WindowArgs.Create(
        device, "avg_pool.cu", "avg_pool", new PoolWindow(Size, Stride, Padding), signature.Input(0),
        signature.Output.Shape, isGradient: false);
}

internal sealed partial record AvgPool2dGradOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device) => WindowArgs.Create(
        device, "avg_pool.cu", "avg_pool_gradient", new PoolWindow(Size, Stride, Padding), signature.Output,
        signature.Input(0).Shape, isGradient: true);
}

internal sealed partial record GlobalAvgPoolOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device) =>
        GlobalPoolArgs.Create(device, "global_avg_pool", signature.Input(0), isGradient: false, hasMask: false);
}

internal sealed partial record GlobalAvgPoolGradOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device) =>
        GlobalPoolArgs.Create(device, "global_avg_pool_gradient", signature.Output, isGradient: true, Mask);
}

/// <summary>Arguments of <c>max_pool.cu</c> and <c>avg_pool.cu</c>.</summary>
internal struct WindowArgs
{
    public ulong From, To, Image;
    public long Pixels;
    public int Height, Width, Channels, OutHeight, OutWidth;
    public int Size, Stride, Padding;
    public int IsWide, HasMask;

    public static CudaOpKernel Create(CudaDevice device, string file, string entry, PoolWindow window, TensorType image,
        Shape pooled, bool isGradient, bool hasImage = false, bool hasMask = false)
    {
        var (x, wide) = (image.Shape, CudaVariants.Wide(image.Type));
        var kernel = device.Kernel<WindowArgs>(file, entry, CudaVariants.For(image.Type));
        var result = isGradient ? x : pooled;
        var fixedArgs = new WindowArgs
        {
            Pixels = result.Rows, Height = x[1], Width = x[2], Channels = x[3],
            OutHeight = pooled[1], OutWidth = pooled[2],
            Size = window.Size, Stride = window.Stride, Padding = window.Padding, HasMask = hasMask ? 1 : 0,
        };
        return new LaunchKernel<WindowArgs>(kernel, (in CudaCall call) =>
        {
            var args = fixedArgs with { From = call.Input(0), To = call.Output, Image = hasImage ? call.Input(1) : 0 };
            var isWide = args.Channels % wide == 0 && CudaVariants.AreAligned(args.From, args.To, args.Image);
            return new(LaunchShape.ForElements(args.Pixels * (args.Channels / (isWide ? wide : 1))),
                args with { IsWide = isWide ? 1 : 0 });
        });
    }
}

/// <summary>Arguments of <c>global_pool.cu</c>.</summary>
internal struct GlobalPoolArgs
{
    private const int ForwardBlock = 64;

    public ulong Image, Pooled, Mask;
    public long Images;
    public int Pixels, Channels, IsWide, Unused;

    public static CudaOpKernel Create(CudaDevice device, string entry, TensorType image, bool isGradient, bool hasMask)
    {
        var (x, wide) = (image.Shape, CudaVariants.Wide(image.Type));
        var kernel = device.Kernel<GlobalPoolArgs>("global_pool.cu", entry, CudaVariants.For(image.Type));
        var fixedArgs = new GlobalPoolArgs { Images = x[0], Pixels = x[1] * x[2], Channels = x[3] };
        return new LaunchKernel<GlobalPoolArgs>(kernel, (in CudaCall call) =>
        {
            var args = fixedArgs with
            {
                Image = isGradient ? call.Output : call.Input(0), Pooled = isGradient ? call.Input(0) : call.Output,
                Mask = hasMask ? call.Input(1) : 0,
            };
            var isWide = args.Channels % wide == 0 && CudaVariants.AreAligned(args.Image, args.Pooled, args.Mask);
            var pixels = args.Images * (isGradient ? args.Pixels : 1);
            return new(
                LaunchShape.ForElements(pixels * (args.Channels / (isWide ? wide : 1)),
                    isGradient ? LaunchShape.DefaultBlock : ForwardBlock),
                args with { IsWide = isWide ? 1 : 0 });
        });
    }
}
