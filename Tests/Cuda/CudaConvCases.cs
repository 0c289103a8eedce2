using Codat.Native.Autograd;
using Codat.Native.Autograd.Cpu;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Our own convolution and matrix kernels under the graph's ops, whichever kernel those choose themselves.</summary>
internal static class CudaConvCases
{
    public static IEnumerable<TestCaseData> Cases()
    {
        foreach (var item in All()) yield return new TestCaseData(item).SetArgDisplayNames(item.Name);
    }

    private static IEnumerable<CudaCase> All()
    {
        foreach (var (h, w, c, k, size, stride) in new[]
        {
            (9, 9, 1, 16, 3, 1), (8, 11, 3, 32, 3, 1), (8, 8, 3, 64, 3, 1), (6, 5, 3, 20, 3, 1), (5, 5, 1, 8, 3, 1),
            (17, 9, 1, 48, 3, 1), (5, 6, 3, 272, 3, 1), (7, 8, 5, 6, 3, 2), (6, 6, 4, 3, 1, 2), (7, 7, 2, 5, 5, 1),
        })
        {
            var shape = new ConvShape(h, w, c, size, size, k, stride, stride, size / 2, size / 2);
            var (x, y) = (new Shape(2, h, w, c), new Shape(2, shape.OutHeight, shape.OutWidth, k));
            var name = $"{h}x{w}.{c}.{k}.{size}.{stride}";
            Node W(GraphBench b) => b.Input(new Shape(k, size, size, c), 2, 0.2);
            foreach (var fused in new[] { false, true })
            {
                var epilogue = fused ? new Epilogue(true, true, true, true) : default;
                yield return Pair($"Conv.{fused}.{name}", ConvDirection.Forward, shape, epilogue, y, b =>
                    fused ? [b.Input(x, 1), W(b), b.Input(new Shape(k), 4), b.Input(y, 5), b.Input(y, 6)] : [b.Input(x, 1), W(b)]);
            }
            foreach (var fused in new[] { false, true })
            {
                var epilogue = fused ? new Epilogue(Residual: true, Mask: true) : default;
                yield return Pair($"ConvInputGrad.{fused}.{name}", ConvDirection.InputGradient, shape, epilogue, x, b =>
                    fused ? [b.Input(y, 3), W(b), b.Input(x, 5), b.Input(x, 6)] : [b.Input(y, 3), W(b)]);
            }
            yield return CudaCase.Of($"ConvWeightGrad.{name}", Agreement.Close, b =>
                b.Graph.Apply(new OwnConvWeightGradOp(shape), b.Input(x, 1), b.Input(y, 3)));
        }
        foreach (var (m, n, k) in new[] { (1, 1, 1), (65, 10, 37), (70, 130, 16) })
            foreach (var (ta, tb) in new[] { (false, false), (false, true), (true, false), (true, true) })
                foreach (var fused in new[] { false, true })
                    yield return CudaCase.Of($"MatMul.{m}x{n}x{k}.{ta}.{tb}.{fused}", Agreement.Close, b =>
                    {
                        var a = b.Input(ta ? new Shape(k, m) : new Shape(m, k), 1);
                        var other = b.Input(tb ? new Shape(n, k) : new Shape(k, n), 2);
                        var op = new OwnMatMulOp(new MatMulOp(ta, tb, fused, false, fused));
                        return fused
                            ? b.Graph.Apply(op, a, other, b.Input(new Shape(n), 3), b.Input(new Shape(m, n), 4))
                            : b.Graph.Apply(op, a, other);
                    });
    }

    private static CudaCase Pair(string name, ConvDirection direction, ConvShape shape, Epilogue epilogue, Shape result,
        Func<GraphBench, Node[]> inputs) => new(name, Agreement.Close, b =>
    {
        var nodes = inputs(b);
        return
        [
            b.Output(b.Graph.Apply(new OwnConvOp(direction, shape, epilogue, result, IsStem: false), nodes)),
            b.Output(b.Graph.Apply(new OwnConvOp(direction, shape, epilogue, result, IsStem: true), nodes)),
        ];
    });
}

/// <summary>A convolution that runs on our own CUDA kernels, and on the processor as the graph's op does.</summary>
internal sealed record OwnConvOp(ConvDirection Direction, ConvShape Conv, Epilogue Epilogue, Shape Result, bool IsStem)
    : Op, ICpuOp, ICudaOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => new(inputs[0].Type, Result);

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) => ConvCpu.Create(
        signature.Output.Type, new ConvCpu(Conv, Direction, Epilogue, false, Result[0], device));

    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var y = signature.Output;
        var isForward = Direction == ConvDirection.Forward;
        if (IsStem && y.Type == DType.Float32 && StemConv.Fits(Conv) && (isForward || Epilogue.IsEmpty))
            return isForward ? StemConv.Forward(Conv, Epilogue, y, device) : StemConv.InputGradient(Conv, y, y.Type, device);
        return isForward
            ? PlainConv.Forward(Conv, Epilogue, y, device)
            : PlainConv.InputGradient(Conv, Epilogue, y, device);
    }
}

/// <summary>The weight gradient, likewise.</summary>
internal sealed record OwnConvWeightGradOp(ConvShape Conv) : Op, ICpuOp, ICudaOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) =>
        new(inputs[0].Type, new Shape(Conv.OutChannels, Conv.KernelHeight, Conv.KernelWidth, Conv.InChannels));

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        ConvCpu.CreateWeightGradient(signature.Output.Type, Conv, signature.Input(0).Shape[0], device);

    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device) =>
        PlainConv.WeightGradient(Conv, signature.Output, signature.Input(0).Shape[0], device);
}

/// <summary>A matrix product, likewise.</summary>
internal sealed record OwnMatMulOp(MatMulOp Product) : Op, ICpuOp, ICudaOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => Product.Infer(inputs);

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        Product.CreateCpuKernel(signature, device);

    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device) =>
        TiledMatMul.Create(Product, signature, device);
}
