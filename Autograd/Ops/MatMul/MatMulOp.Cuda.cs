namespace Codat.Native.Autograd;

internal sealed partial record MatMulOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var product = LtMatMulKernel.Create(device, this, signature);
        return Mask ? new MaskedMatMulKernel(product, device, signature.Output, maskAt: Bias ? 3 : 2) : product;
    }
}

/// <summary>A matrix product by cuBLASLt with a ReLU mask in a pass of its own.</summary>
internal sealed class MaskedMatMulKernel(LtMatMulKernel product, CudaDevice device, TensorType result, int maskAt)
    : CudaOpKernel
{
    private readonly ConvEpilogueKernel _pass = new(device, result, hasRelu: false);

    public override long WorkspaceBytes => product.WorkspaceBytes;

    public override string Variant => product.Variant;

    public override void Enqueue(in CudaCall call)
    {
        product.Enqueue(call);
        _pass.Enqueue(call, new ConvExtras(call.Input(maskAt)));
    }
}
