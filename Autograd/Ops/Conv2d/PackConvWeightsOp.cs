using System.Numerics;
using Codat.Native.Autograd.Cpu;

namespace Codat.Native.Autograd;

/// <summary>Weights (K,R,S,C) in the opaque order a CPU kernel reads: packed panels or Winograd transforms.</summary>
internal sealed partial record PackConvWeightsOp(ConvShape Shape, ConvDirection Direction, CpuIsa Isa) : Op, ICpuOp
{
    public override string Name => $"Pack{Direction}";

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        var type = inputs[0].Type;
        var elements = type == DType.Float32
            ? ConvKernel<float>.Create(Shape, Direction, Isa).PackedElements
            : ConvKernel<double>.Create(Shape, Direction, Isa).PackedElements;
        return new TensorType(type, new Shape(checked((int)elements)));
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new Factory(this));

    private readonly struct Factory(PackConvWeightsOp op) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            new Kernel<T>(ConvKernel<T>.Create(op.Shape, op.Direction, op.Isa));
    }

    private sealed unsafe class Kernel<T>(ConvKernel<T> conv) : CpuKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public override string Variant => conv.Name;

        public override void Run(in CpuCall call) =>
            conv.Pack((T*)call.InputPointer(0), (T*)call.OutputPointer, call.Workers);
    }
}
