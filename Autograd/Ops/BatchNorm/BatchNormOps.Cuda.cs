using Codat.Native.Interop;

namespace Codat.Native.Autograd;

internal sealed partial record BatchMomentsOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device) =>
        new ChannelSumsKernel(device, signature.Input(0), ChannelSumsKind.Moments);
}

internal sealed partial record BatchNormSumsOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device) =>
        new ChannelSumsKernel(device, signature.Input(0), ChannelSumsKind.Gradient, Epsilon);
}

internal sealed partial record BatchNormOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var hasResidual = Residual;
        var args = new ChannelAffineArgs
        {
            Epsilon = Epsilon, Kind = (int)ChannelAffineKind.FromMoments, HasRelu = Relu ? 1 : 0,
        };
        return ChannelAffineArgs.Create(device, signature.Output, (in CudaCall call) => args with
        {
            X = call.Input(0), Y = call.Output, Table = call.Input(1), Gamma = call.Input(2), Beta = call.Input(3),
            Residual = hasResidual ? call.Input(4) : 0,
        });
    }
}

internal sealed partial record ChannelAffineOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var hasResidual = Residual;
        var args = new ChannelAffineArgs { Kind = (int)ChannelAffineKind.ScaleAndShift, HasRelu = Relu ? 1 : 0 };
        return ChannelAffineArgs.Create(device, signature.Output, (in CudaCall call) => args with
        {
            X = call.Input(0), Y = call.Output, Table = call.Input(1), Residual = hasResidual ? call.Input(2) : 0,
        });
    }
}

internal sealed partial record ChannelScaleOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var hasMask = Mask;
        var args = new ChannelAffineArgs { Kind = (int)ChannelAffineKind.ScaleOnly };
        return ChannelAffineArgs.Create(device, signature.Output, (in CudaCall call) => args with
        {
            X = call.Input(0), Y = call.Output, Table = call.Input(1), Mask = hasMask ? call.Input(2) : 0,
        });
    }
}

internal sealed partial record BatchNormInputGradOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var (y, epsilon) = (signature.Output, Epsilon);
        var kernel = device.Kernel<BatchNormGradientArgs>(
            "batch_norm_gradient.cu", "batch_norm_gradient", CudaVariants.For(y.Type));
        var packs = ColumnGrid.ForPass(y.Type, y.Shape, isAligned: true);
        var singles = ColumnGrid.ForPass(y.Type, y.Shape, isAligned: false);
        return new LaunchKernel<BatchNormGradientArgs>(kernel, (in CudaCall call) =>
        {
            var grid = CudaVariants.AreAligned(call.Input(0), call.Input(1), call.Output) ? packs : singles;
            return new(grid.Shape, new BatchNormGradientArgs
            {
                Dy = call.Input(0), X = call.Input(1), Dx = call.Output, Moments = call.Input(2),
                Gamma = call.Input(3), Sums = call.Input(4), Epsilon = epsilon, Columns = grid.Columns,
                IsWide = grid.IsWide ? 1 : 0,
            });
        });
    }
}

internal sealed partial record UpdateRunningMomentsOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var args = new BatchNormTablesArgs
        {
            Parameter = Momentum, Unbias = Rows > 1 ? Rows / (Rows - 1.0) : 1.0,
            Channels = signature.Input(0).Shape.Channels,
        };
        return BatchNormTablesArgs.Create(device, "update_running_moments", signature.Input(0).Type,
            (in CudaCall call) => args with { Moments = call.Input(1), Y = call.Input(0), Status = call.Input(2) },
            args.Channels);
    }
}

internal sealed partial record FoldMomentsOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var args = new BatchNormTablesArgs { Parameter = Epsilon, Channels = signature.Output.Shape.Channels };
        return BatchNormTablesArgs.Create(device, "fold_moments", signature.Output.Type, (in CudaCall call) => args with
        {
            Gamma = call.Input(0), Beta = call.Input(1), Moments = call.Input(2), Y = call.Output,
        }, args.Channels);
    }
}

internal sealed partial record ScaleFiltersOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var y = signature.Output;
        var kernel = device.Kernel<ScaleFiltersArgs>("scale_filters.cu", "scale_filters", CudaVariants.For(y.Type));
        var (count, run) = (y.Shape.Count, y.Shape.Count / Math.Max(1, y.Shape[0]));
        return new LaunchKernel<ScaleFiltersArgs>(kernel, (in CudaCall call) =>
            new(LaunchShape.ForElements(count, perThread: 4), new ScaleFiltersArgs
            {
                Weights = call.Input(0), Scale = call.Input(1), Y = call.Output, Count = count, Run = run,
            }));
    }
}
