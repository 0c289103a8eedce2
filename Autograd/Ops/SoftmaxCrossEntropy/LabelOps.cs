using System.Numerics;

namespace Codat.Native.Autograd;

/// <summary>One at the label, zero elsewhere: int32 (N) to (N, classes).</summary>
internal sealed partial record OneHotOp(int Classes, DType Type) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) =>
        inputs[0].Type == DType.Int32 && inputs[0].Shape.Rank == 1
            ? new TensorType(Type, new Shape(inputs[0].Shape[0], Classes))
            : throw new ShapeException($"{Name} needs int32 labels (N), found {inputs[0]}");

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(Type, new Factory(Classes));

    private readonly struct Factory(int classes) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> => new Kernel<T>(classes);
    }

    private sealed class Kernel<T>(int classes) : CpuKernel where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public override void Run(in CpuCall call)
        {
            var labels = call.Input<int>(0);
            var y = call.Output<T>();
            y.Clear();
            for (var n = 0; n < labels.Length; n++) y[n * classes + LabelRules.Label(labels, n, classes)] = T.One;
        }
    }
}

/// <summary>
/// Index of the largest logit, the first of equal ones: (N,K) to int32 (N). A row with a NaN gives -1.
/// </summary>
internal sealed partial record ArgMaxOp : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) =>
        inputs[0].Shape.Rank == 2 && inputs[0].Type.IsFloating()
            ? new TensorType(DType.Int32, new Shape(inputs[0].Shape[0]))
            : throw new ShapeException($"{Name} needs (N,K), found {inputs[0]}");

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Input(0).Type, new Factory(signature.Input(0).Shape[1]));

    private readonly struct Factory(int classes) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> => new Kernel<T>(classes);
    }

    private sealed class Kernel<T>(int classes) : CpuKernel where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public override void Run(in CpuCall call)
        {
            var x = call.Input<T>(0);
            var y = call.Output<int>();
            for (var n = 0; n < y.Length; n++)
            {
                var row = x.Slice(n * classes, classes);
                var best = 0;
                for (var k = 0; k < classes; k++)
                {
                    if (T.IsNaN(row[k]))
                    {
                        best = -1;
                        break;
                    }
                    if (row[k] > row[best]) best = k;
                }
                y[n] = best;
            }
        }
    }
}
