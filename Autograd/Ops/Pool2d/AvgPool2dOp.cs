
namespace Codat.Native.Autograd;

/// <summary>Mean over windows of x (N,H,W,C); padding counts as zeros.</summary>
internal sealed partial record AvgPool2dOp(int Size, int Stride, int Padding) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) =>
        new(inputs[0].Type, new PoolWindow(Size, Stride, Padding).Infer(Name, inputs[0]));

    public override void Backward(BackwardContext context) =>
        context.Add(0, context.Graph.Apply(
            new AvgPool2dGradOp(Size, Stride, Padding, context.Input(0).Shape), context.Gradient));

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new AvgPoolFactory(
            new PoolWindow(Size, Stride, Padding), signature.Input(0).Shape, signature.Output.Shape, false));
}

/// <summary>Spreads dy (N,OH,OW,C) evenly over its windows: the transpose of <see cref="AvgPool2dOp"/>.</summary>
internal sealed partial record AvgPool2dGradOp(int Size, int Stride, int Padding, Shape To) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => new(inputs[0].Type, To);

    public override void Backward(BackwardContext context) =>
        context.Add(0, context.Graph.Apply(new AvgPool2dOp(Size, Stride, Padding), context.Gradient));

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type,
            new AvgPoolFactory(new PoolWindow(Size, Stride, Padding), To, signature.Input(0).Shape, true));
}

/// <summary>Mean over height and width: (N,H,W,C) to (N,C).</summary>
internal sealed partial record GlobalAvgPoolOp : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        var x = inputs[0];
        if (x.Shape.Rank != 4 || !x.Type.IsFloating())
            throw new ShapeException($"{Name} needs (N,H,W,C) of a floating-point type, found {x}");
        return new TensorType(x.Type, new Shape(x.Shape[0], x.Shape[3]));
    }

    public override void Backward(BackwardContext context) =>
        context.Add(0, context.Graph.Apply(new GlobalAvgPoolGradOp(context.Input(0).Shape), context.Gradient));

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device)
    {
        var x = signature.Input(0).Shape;
        return FloatKernels.Create(signature.Output.Type, new GlobalPoolFactory(x, false, false));
    }
}

/// <summary>Spreads dy (N,C) evenly over height and width: the transpose of <see cref="GlobalAvgPoolOp"/>.</summary>
/// <remarks>With a mask (input 1, of the output's shape) the result is zero where it is not positive.</remarks>
internal sealed partial record GlobalAvgPoolGradOp(Shape To, bool Mask = false) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => new(inputs[0].Type, To);

    public override void Backward(BackwardContext context) =>
        context.Add(0, context.Graph.Apply(new GlobalAvgPoolOp(), context.Gradient));

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new GlobalPoolFactory(To, true, Mask));
}
