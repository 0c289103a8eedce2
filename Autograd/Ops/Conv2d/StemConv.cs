using Codat.Native.Autograd.Cpu;
using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>First convolutions, of images with 1 or 3 channels, by kernels of our own.</summary>
/// <remarks>Images and weights are in single precision; activations may be bf16.</remarks>
internal static class StemConv
{
    private const string File = "stem_conv.cu";
    private const int Threads = 256, Pixels = 8, StripRows = 4, GroupChannels = 4, MostGroups = 16;

    /// <summary>True for the shapes the kernels are made for.</summary>
    public static bool Fits(ConvShape shape) =>
        shape is { KernelHeight: 3, KernelWidth: 3, StrideH: 1, StrideW: 1 }
        && shape.InChannels is 1 or 3 && shape.PadH == shape.PadW && shape.PadH <= 2
        && Groups(shape) > 0 && shape.OutChannels <= 256;

    public static CudaOpKernel Forward(ConvShape shape, Epilogue epilogue, TensorType y, CudaDevice device)
    {
        var kernel = device.Kernel<StemConvArgs>(File, "stem_conv", Variant(shape, y.Type));
        var groups = Groups(shape);
        var slots = Threads / groups;
        var columns = (shape.OutWidth + Pixels - 1) / Pixels;
        var tileGroups = Math.Min(columns, slots);
        var tileRows = Math.Min(shape.OutHeight, slots / tileGroups);
        var rowTiles = (shape.OutHeight + tileRows - 1) / tileRows;
        var args = StemConvArgs.Of(shape, y.Shape[0]) with
        {
            TileRows = tileRows, TileGroups = tileGroups, ChannelGroups = groups, RowTiles = rowTiles,
            HasRelu = epilogue.Relu ? 1 : 0,
        };
        var tile = (tileRows + shape.KernelHeight - 1) * (tileGroups * Pixels + shape.KernelWidth - 1)
            * shape.InChannels;
        var weights = shape.KernelHeight * shape.KernelWidth * shape.InChannels * groups * GroupChannels;
        var launch = new LaunchShape(checked((uint)((long)y.Shape[0] * rowTiles)),
            (uint)((columns + tileGroups - 1) / tileGroups), (uint)(shape.OutChannels / (groups * GroupChannels)),
            Threads, 1, 1, (uint)((tile + weights) * sizeof(float)));
        return new LaunchKernel<StemConvArgs>(kernel, (in CudaCall call) =>
        {
            var extras = new ConvExtras(call, epilogue);
            return new(launch, args with
            {
                Image = call.Input(0), W = call.Input(1), Y = call.Output,
                Bias = extras.Bias, Residual = extras.Residual, Mask = extras.Mask,
            });
        });
    }

    /// <summary>Without an epilogue: nothing is done to the gradient of an image.</summary>
    public static CudaOpKernel InputGradient(ConvShape shape, TensorType dx, DType dy, CudaDevice device)
    {
        var kernel = device.Kernel<StemConvArgs>(File, "stem_conv_input_gradient", Variant(shape, dy));
        var perBlock = Threads / Lanes(shape);
        var args = StemConvArgs.Of(shape, dx.Shape[0]);
        args.Strips = (long)dx.Shape[0] * ((shape.Width + Pixels - 1) / Pixels)
            * ((shape.Height + StripRows - 1) / StripRows);
        var weights = checked((int)shape.WeightElements * sizeof(float));
        var launch = new LaunchShape((args.Strips + perBlock - 1) / perBlock, Threads, weights);
        return new LaunchKernel<StemConvArgs>(kernel, (in CudaCall call) => new(launch, args with
        {
            Image = call.Output, W = call.Input(1), Y = call.Input(0),
        }));
    }

    private static CompileOptions Variant(ConvShape shape, DType activations) => CudaVariants.For(activations)
        .Define("KERNEL", shape.KernelHeight).Define("CHANNELS", shape.InChannels).Define("LANES", Lanes(shape));

    private static int Lanes(ConvShape shape) => shape.OutChannels <= 16 ? 16 : 32;

    /// <summary>Groups of 4 output channels of a block: as many as divide them, at most 16.</summary>
    private static int Groups(ConvShape shape)
    {
        if (shape.OutChannels % GroupChannels != 0) return 0;
        var all = shape.OutChannels / GroupChannels;
        var groups = Math.Min(all, MostGroups);
        while (all % groups != 0) groups--;
        return groups;
    }
}

/// <summary>Arguments of <c>stem_conv.cu</c>.</summary>
internal struct StemConvArgs
{
    public ulong Image, W, Y, Bias, Residual, Mask;
    public int Images, Height, Width, OutHeight, OutWidth, OutChannels, Pad;
    public int TileRows, TileGroups, ChannelGroups, RowTiles, HasRelu;
    public long Strips, Unused;

    public static StemConvArgs Of(ConvShape shape, int images) => new()
    {
        Images = images, Height = shape.Height, Width = shape.Width, OutHeight = shape.OutHeight,
        OutWidth = shape.OutWidth, OutChannels = shape.OutChannels, Pad = shape.PadH,
    };
}
