using Codat.Native.Autograd.Cpu;

namespace Codat.Native.Autograd;

internal sealed partial record Conv2dOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        Span<TensorType> types = [signature.Input(0), signature.Input(1)];
        return ConvCuda.Create(device, signature, ShapeFor(types), ConvDirection.Forward, Epilogue);
    }
}

internal sealed partial record Conv2dInputGradOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        Span<TensorType> types = [signature.Input(0), signature.Input(1)];
        return ConvCuda.Create(device, signature, ShapeFor(types), ConvDirection.InputGradient, Epilogue);
    }
}

internal sealed partial record Conv2dWeightGradOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device) => ConvCuda.CreateWeightGradient(
        device, signature, ShapeFor(signature.Input(0).Shape, signature.Input(1).Shape));
}
