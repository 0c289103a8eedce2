using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>Where <c>channel_affine.cu</c> takes scale and shift from.</summary>
internal enum ChannelAffineKind
{
    FromMoments,
    ScaleAndShift,
    ScaleOnly,
}

/// <summary>The arguments for the addresses of a call.</summary>
internal delegate TArgs ArgumentRule<TArgs>(in CudaCall call) where TArgs : unmanaged;

/// <summary>Arguments of <c>channel_affine.cu</c>.</summary>
internal struct ChannelAffineArgs
{
    public ulong X, Y, Table, Gamma, Beta, Residual, Mask;
    public double Epsilon;
    public Columns Columns;
    public int Kind, IsWide, HasRelu, Unused;

    /// <summary>The kernel with everything but the grid given.</summary>
    public static CudaOpKernel Create(CudaDevice device, TensorType y, ArgumentRule<ChannelAffineArgs> rule)
    {
        var kernel = device.Kernel<ChannelAffineArgs>("channel_affine.cu", "channel_affine", CudaVariants.For(y.Type));
        var packs = ColumnGrid.ForPass(y.Type, y.Shape, isAligned: true);
        var singles = ColumnGrid.ForPass(y.Type, y.Shape, isAligned: false);
        return new LaunchKernel<ChannelAffineArgs>(kernel, (in CudaCall call) =>
        {
            var args = rule(call);
            var grid = CudaVariants.AreAligned(args.X, args.Y, args.Residual, args.Mask) ? packs : singles;
            return new(grid.Shape, args with { Columns = grid.Columns, IsWide = grid.IsWide ? 1 : 0 });
        });
    }
}

/// <summary>Arguments of <c>batch_norm_gradient.cu</c>.</summary>
internal struct BatchNormGradientArgs
{
    public ulong Dy, X, Dx, Moments, Gamma, Sums;
    public double Epsilon;
    public Columns Columns;
    public int IsWide, Unused;
}

/// <summary>Arguments of <c>batch_norm_tables.cu</c>.</summary>
internal struct BatchNormTablesArgs
{
    private const int Block = 128;

    public ulong Gamma, Beta, Moments, Y, Status;
    public double Parameter, Unbias;
    public int Channels, Unused;

    /// <summary>The kernel, with a thread for each channel.</summary>
    public static CudaOpKernel Create(
        CudaDevice device, string entry, DType type, ArgumentRule<BatchNormTablesArgs> rule, int channels)
    {
        var kernel = device.Kernel<BatchNormTablesArgs>("batch_norm_tables.cu", entry, CudaVariants.For(type));
        var shape = LaunchShape.ForElements(channels, Block);
        return new LaunchKernel<BatchNormTablesArgs>(kernel, (in CudaCall call) => new(shape, rule(call)));
    }
}

/// <summary>Arguments of <c>scale_filters.cu</c>.</summary>
internal struct ScaleFiltersArgs
{
    public ulong Weights, Scale, Y;
    public long Count, Run, Unused;
}
