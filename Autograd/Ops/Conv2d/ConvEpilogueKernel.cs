using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>Bias, residual, ReLU and mask of a product whose library did not fuse them, over its result.</summary>
internal sealed class ConvEpilogueKernel
{
    private readonly CudaKernel<ConvEpilogueArgs> _kernel;
    private readonly ColumnGrid _packs, _singles;
    private readonly bool _hasRelu;

    public ConvEpilogueKernel(CudaDevice device, TensorType y, bool hasRelu)
    {
        _kernel = device.Kernel<ConvEpilogueArgs>("conv_epilogue.cu", "conv_epilogue", CudaVariants.For(y.Type));
        _packs = ColumnGrid.ForPass(y.Type, y.Shape, isAligned: true);
        _singles = ColumnGrid.ForPass(y.Type, y.Shape, isAligned: false);
        _hasRelu = hasRelu;
    }

    /// <summary>Finishes the call's output in place.</summary>
    public void Enqueue(in CudaCall call, in ConvExtras extras)
    {
        var grid = CudaVariants.AreAligned(call.Output, extras.Residual, extras.Mask) ? _packs : _singles;
        _kernel.Launch(call.Stream, grid.Shape, new ConvEpilogueArgs
        {
            X = call.Output, Y = call.Output, Bias = extras.Bias, Residual = extras.Residual, Mask = extras.Mask,
            Columns = grid.Columns, IsWide = grid.IsWide ? 1 : 0, HasRelu = _hasRelu ? 1 : 0,
        });
    }
}

/// <summary>Arguments of <c>conv_epilogue.cu</c>.</summary>
internal struct ConvEpilogueArgs
{
    public ulong X, Y, Bias, Residual, Mask;
    public Columns Columns;
    public int IsWide, HasRelu;
}
