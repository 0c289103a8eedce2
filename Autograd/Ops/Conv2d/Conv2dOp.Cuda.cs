using Codat.Native.Autograd.Cpu;

namespace Codat.Native.Autograd;

internal sealed partial record Conv2dOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        Span<TensorType> types = [signature.Input(0), signature.Input(1)];
        return ConvCuda.Create(device, signature.Output, ShapeFor(types), signature.Output.Shape[0],
            ConvDirection.Forward, Epilogue);
    }
}

internal sealed partial record Conv2dInputGradOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        Span<TensorType> types = [signature.Input(0), signature.Input(1)];
        return ConvCuda.Create(device, signature.Output, ShapeFor(types), signature.Output.Shape[0],
            ConvDirection.InputGradient, Epilogue);
    }
}

internal sealed partial record Conv2dWeightGradOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var x = signature.Input(0).Shape;
        return ConvCuda.CreateWeightGradient(
            device, signature.Output.Type, ShapeFor(x, signature.Input(1).Shape), x[0]);
    }
}
