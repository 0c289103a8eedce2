using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>Bias, residual, ReLU and mask of a convolution whose library did not fuse them.</summary>
internal sealed class ConvEpilogueKernel
{
    private readonly CudaKernel<ConvEpilogueArgs> _kernel;
    private readonly ColumnGrid _packs, _singles;
    private readonly Epilogue _epilogue;

    public ConvEpilogueKernel(CudaDevice device, TensorType y, Epilogue epilogue)
    {
        _kernel = device.Kernel<ConvEpilogueArgs>("conv_epilogue.cu", "conv_epilogue", CudaVariants.For(y.Type));
        _packs = ColumnGrid.ForPass(y.Type, y.Shape, isAligned: true);
        _singles = ColumnGrid.ForPass(y.Type, y.Shape, isAligned: false);
        _epilogue = epilogue;
    }

    /// <summary>Finishes the values at <paramref name="x"/>, which may be the call's output.</summary>
    public void Enqueue(in CudaCall call, ulong x)
    {
        var extras = new ConvExtras(call, _epilogue);
        var grid = CudaVariants.AreAligned(x, call.Output, extras.Residual, extras.Mask) ? _packs : _singles;
        _kernel.Launch(call.Stream, grid.Shape, new ConvEpilogueArgs
        {
            X = x, Y = call.Output, Bias = extras.Bias, Residual = extras.Residual, Mask = extras.Mask,
            Columns = grid.Columns, IsWide = grid.IsWide ? 1 : 0, HasRelu = _epilogue.Relu ? 1 : 0,
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
