using System.Numerics;
using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// Per class over per-sample losses (N) and int32 labels (N): sum, sum of squares and count, as float64 (3, K).
/// </summary>
/// <remarks>Samples are added in order, in double: the same bits for any number of threads.</remarks>
internal sealed partial record ClassRiskOp(int Classes) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        if (!inputs[0].Type.IsFloating() || inputs[0].Shape.Rank != 1
            || inputs[1] != new TensorType(DType.Int32, inputs[0].Shape))
            throw new ShapeException(
                $"{Name} needs losses (N) and int32 labels (N), found {inputs[0]} and {inputs[1]}");
        return new TensorType(DType.Float64, new Shape(3, Classes));
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Input(0).Type, new Factory(Classes));

    private readonly struct Factory(int classes) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> => new Kernel<T>(classes);
    }

    private sealed class Kernel<T>(int classes) : CpuKernel where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public override void Run(in CpuCall call)
        {
            var loss = call.Input<T>(0);
            var labels = call.Input<int>(1);
            var table = call.Output<double>();
            table.Clear();
            for (var n = 0; n < loss.Length; n++)
            {
                var k = LabelRules.Label(labels, n, classes);
                var value = double.CreateTruncating(loss[n]);
                table[k] += value;
                table[classes + k] += value * value;
                table[2 * classes + k] += 1;
            }
        }
    }
}

/// <summary>
/// One value per sample taken from a table by label: float64 (K) and int32 labels (N) to (N). A constant in the
/// gradient.
/// </summary>
internal sealed partial record GatherByLabelOp(DType Type) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) =>
        inputs[0].Type == DType.Float64 && inputs[0].Shape.Rank == 1 && inputs[1].Type == DType.Int32
            ? new TensorType(Type, inputs[1].Shape)
            : throw new ShapeException(
                $"{Name} needs a float64 table (K) and int32 labels (N), found {inputs[0]} and {inputs[1]}");

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(Type, new Factory());

    private readonly struct Factory : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> => new Kernel<T>();
    }

    private sealed class Kernel<T> : CpuKernel where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public override void Run(in CpuCall call)
        {
            var table = call.Input<double>(0);
            var labels = call.Input<int>(1);
            var output = call.Output<T>();
            for (var n = 0; n < labels.Length; n++)
                output[n] = T.CreateTruncating(table[LabelRules.Label(labels, n, table.Length)]);
        }
    }
}
