using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>A product that cuDNN writes in bf16 where single precision is wanted: widened by a pass of ours.</summary>
internal sealed class WidenedConvKernel : CudaOpKernel
{
    private readonly DnnConvKernel _product;
    private readonly CudaKernel<ConvertArgs> _widen;
    private readonly ConvertArgs _args;
    private readonly long _offset;

    public WidenedConvKernel(CudaDevice device, DnnConvKernel product, TensorType result)
    {
        _product = product;
        _widen = ConvertArgs.Kernel(device, DType.BFloat16, result.Type);
        var count = result.Shape.Count;
        _args = new ConvertArgs { Count = count, FromChannels = 1, ToChannels = 1 };
        _offset = MemoryPlanner.Align(product.WorkspaceBytes);
        WorkspaceBytes = _offset + count * DType.BFloat16.Size();
    }

    public override long WorkspaceBytes { get; }

    public override string Variant => $"{_product.Variant}, widened";

    public override void Place(in CudaCall call) => _product.Place(Narrow(call));

    public override void Enqueue(in CudaCall call)
    {
        var narrow = Narrow(call);
        _product.Enqueue(narrow);
        _widen.Launch(call.Stream, ConvertArgs.Shape(_args.Count),
            _args with { From = narrow.Output, To = call.Output });
    }

    public override void Dispose()
    {
        _product.Dispose();
        base.Dispose();
    }

    private CudaCall Narrow(in CudaCall call) => call.WithOutput(call.Workspace + (ulong)_offset);
}
