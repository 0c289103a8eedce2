using Codat.Native.Autograd.Cpu;
using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>Convolutions by simple kernels of our own: any shape and type, to check libraries.</summary>
internal static class PlainConv
{
    private const string File = "plain_conv.cu";

    public static CudaOpKernel Forward(ConvShape shape, Epilogue epilogue, TensorType y, CudaDevice device) =>
        Create("plain_conv", shape, epilogue, y, y.Shape[0], device);

    public static CudaOpKernel InputGradient(ConvShape shape, Epilogue epilogue, TensorType dx, CudaDevice device) =>
        Create("plain_conv_input_gradient", shape, epilogue, dx, dx.Shape[0], device);

    /// <summary>The images number <paramref name="images"/>.</summary>
    public static CudaOpKernel WeightGradient(ConvShape shape, TensorType dw, int images, CudaDevice device)
    {
        var kernel = device.Kernel<PlainConvArgs>(File, "plain_conv_weight_gradient", CudaVariants.For(dw.Type));
        var args = PlainConvArgs.Of(shape, images, dw.Shape.Count, default);
        return new LaunchKernel<PlainConvArgs>(kernel, (in CudaCall call) => new(LaunchShape.ForRows(args.Count),
            args with { X = call.Input(0), W = call.Input(1), Y = call.Output }));
    }

    private static LaunchKernel<PlainConvArgs> Create(
        string entry, ConvShape shape, Epilogue epilogue, TensorType result, int images, CudaDevice device)
    {
        var kernel = device.Kernel<PlainConvArgs>(File, entry, CudaVariants.For(result.Type));
        var args = PlainConvArgs.Of(shape, images, result.Shape.Count, epilogue);
        return new LaunchKernel<PlainConvArgs>(kernel, (in CudaCall call) =>
        {
            var extras = new ConvExtras(call, epilogue);
            return new(LaunchShape.ForElements(args.Count), args with
            {
                X = call.Input(0), W = call.Input(1), Y = call.Output,
                Bias = extras.Bias, Residual = extras.Residual, Mask = extras.Mask,
            });
        });
    }
}

/// <summary>Arguments of <c>plain_conv.cu</c>.</summary>
internal struct PlainConvArgs
{
    public ulong X, W, Y, Bias, Residual, Mask;
    public int Images, Height, Width, InChannels, OutHeight, OutWidth, OutChannels;
    public int KernelHeight, KernelWidth, StrideH, StrideW, PadH, PadW;
    public int HasRelu;
    public long Count;

    public static PlainConvArgs Of(ConvShape shape, int images, long count, Epilogue epilogue) => new()
    {
        Images = images, Height = shape.Height, Width = shape.Width, InChannels = shape.InChannels,
        OutHeight = shape.OutHeight, OutWidth = shape.OutWidth, OutChannels = shape.OutChannels,
        KernelHeight = shape.KernelHeight, KernelWidth = shape.KernelWidth,
        StrideH = shape.StrideH, StrideW = shape.StrideW, PadH = shape.PadH, PadW = shape.PadW,
        HasRelu = epilogue.Relu ? 1 : 0, Count = count,
    };
}
