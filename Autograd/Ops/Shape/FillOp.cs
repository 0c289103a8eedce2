using System.Numerics;

namespace Codat.Native.Autograd;

/// <summary>A constant in every element.</summary>
internal sealed partial record FillOp(DType Type, Shape Shape, double Value) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => new(Type, Shape);

    public override void Backward(BackwardContext context)
    {
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(Type, new Factory(Value));

    private readonly struct Factory(double value) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            new Kernel<T>(T.CreateTruncating(value));
    }

    private sealed class Kernel<T>(T value) : CpuKernel where T : unmanaged
    {
        public override void Run(in CpuCall call) => call.Output<T>().Fill(value);
    }
}
