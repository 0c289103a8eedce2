namespace Codat.Native.Autograd;

/// <summary>Mean and biased variance of each channel of x (..., C) over all other dimensions: (2, C).</summary>
internal sealed partial record BatchMomentsOp : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        var x = inputs[0];
        if (x.Shape.Rank < 2 || !x.Type.IsFloating())
            throw new ShapeException($"{Name} needs (..., C) of a floating-point type, found {x}");
        if (x.Shape.Rows < 1) throw new ShapeException($"{Name}: no values to take moments of in {x}");
        return new TensorType(x.Type, new Shape(2, x.Shape.Channels));
    }

    public override void Backward(BackwardContext context) => throw new NotSupportedException(
        "batch moments have a derivative only through BatchNormOp, which carries it to the input");

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) => BatchNormCpu.Moments(signature);
}

/// <summary>
/// (x - mean) / sqrt(var + eps) * gamma + beta with the batch's moments; inputs x, moments (2,C), gamma (C), beta (C),
/// then the residual if there is one. Ioffe and Szegedy 2015, algorithm 1.
/// </summary>
internal sealed partial record BatchNormOp(double Epsilon, bool Residual = false, bool Relu = false) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        var (x, c) = (inputs[0], inputs[0].Shape.Channels);
        var perChannel = new TensorType(x.Type, new Shape(c));
        if (!x.Type.IsFloating() || inputs[1] != new TensorType(x.Type, new Shape(2, c)) || inputs[2] != perChannel
            || inputs[3] != perChannel)
            throw new ShapeException(
                $"{Name}: {x} has {c} channels; moments {inputs[1]}, gamma {inputs[2]}, beta {inputs[3]}");
        if (Residual && inputs[4] != x) throw new ShapeException($"{Name}: residual {inputs[4]} is not {x}");
        return x;
    }

    public override void Backward(BackwardContext context)
    {
        if (Residual || Relu) throw new NotSupportedException("a fused batch norm is made after gradients are taken");
        var (graph, dy, x, moments) = (context.Graph, context.Gradient, context.Input(0), context.Input(1));
        if (context.Needs(0) && (moments.Data.Op is not BatchMomentsOp || moments.Data.Inputs[0] != x.Id))
            throw new NotSupportedException(
                "batch norm has an input gradient only with the moments of that input; "
                + "use ChannelAffine for constants");
        var sums = graph.Apply(new BatchNormSumsOp(Epsilon), dy, x, moments);
        if (context.Needs(3)) context.Add(3, graph.Row(sums, 0));
        if (context.Needs(2)) context.Add(2, graph.Row(sums, 1));
        // The moments are functions of x: their share is part of this gradient, so nothing flows through input 1.
        if (context.Needs(0))
            context.Add(0, graph.Apply(new BatchNormInputGradOp(Epsilon), dy, x, moments, context.Input(2), sums));
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        BatchNormCpu.Normalise(this, signature);
}

/// <summary>
/// Sums over rows of dy and of dy xhat: (2, C), the gradients of beta and gamma. Inputs dy, x, moments.
/// </summary>
internal sealed partial record BatchNormSumsOp(double Epsilon) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => inputs[2];

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) => BatchNormCpu.Sums(this, signature);
}

/// <summary>
/// gamma / sigma (dy - mean(dy) - xhat mean(dy xhat)): the input gradient through mean and variance too.
/// Inputs dy, x, moments, gamma, sums.
/// </summary>
internal sealed partial record BatchNormInputGradOp(double Epsilon) : Op, ICpuOp
{
    public override bool AllowsInPlace(int input) => input == 0;

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => inputs[0];

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        BatchNormCpu.InputGrad(this, signature);
}

/// <summary>
/// Moves running moments (2,C; input 0) towards the batch's (input 1): r += momentum (b - r), variance unbiased.
/// A non-zero status (input 2, int32) leaves them: a step that failed must not spoil the state that is saved.
/// </summary>
internal sealed partial record UpdateRunningMomentsOp(double Momentum, long Rows) : Op, ICpuOp
{
    public override ReadOnlySpan<int> Mutates => [0];

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) =>
        inputs[0] == inputs[1] && inputs[2].Type == DType.Int32
            ? inputs[0]
            : throw new ShapeException($"{Name}: running {inputs[0]}, batch {inputs[1]}, status {inputs[2]}");

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        BatchNormCpu.UpdateRunning(this, signature);
}

/// <summary>
/// Scale gamma / sqrt(var + eps) and shift beta - mean scale from gamma, beta and running moments (2,C): (2, C).
/// </summary>
internal sealed partial record FoldMomentsOp(double Epsilon) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        var c = inputs[0].Shape.Channels;
        return inputs[0].Shape == new Shape(c) && inputs[1] == inputs[0]
            && inputs[2] == new TensorType(inputs[0].Type, new Shape(2, c))
            ? inputs[2]
            : throw new ShapeException($"{Name}: gamma {inputs[0]}, beta {inputs[1]}, moments {inputs[2]}");
    }

    public override void Backward(BackwardContext context)
    {
        // scale = gamma r, shift = beta - mean gamma r with r constant: running moments take no gradient.
        var (graph, d) = (context.Graph, context.Gradient);
        if (context.Needs(2)) throw new NotSupportedException("running moments are constants");
        var (dScale, dShift) = (graph.Row(d, 0), graph.Row(d, 1));
        var (mean, variance) = (graph.Row(context.Input(2), 0), graph.Row(context.Input(2), 1));
        if (context.Needs(0))
        {
            var r = graph.Reciprocal(graph.Sqrt(graph.Offset(variance, Epsilon)));
            context.Add(0, graph.Multiply(graph.Subtract(dScale, graph.Multiply(dShift, mean)), r));
        }
        if (context.Needs(1)) context.Add(1, dShift);
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) => BatchNormCpu.Fold(this, signature);
}

/// <summary>
/// x scale + shift per channel with (scale, shift) as (2,C): batch norm with running statistics, one pass.
/// </summary>
internal sealed partial record ChannelAffineOp(bool Residual = false, bool Relu = false) : Op, ICpuOp
{
    public override bool AllowsInPlace(int input) => input != 1;

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        if (inputs[1].Shape != new Shape(2, inputs[0].Shape.Channels) || inputs[1].Type != inputs[0].Type)
            throw new ShapeException($"{Name}: {inputs[0]} with scale and shift {inputs[1]}");
        if (Residual && inputs[2] != inputs[0])
            throw new ShapeException($"{Name}: residual {inputs[2]} is not {inputs[0]}");
        return inputs[0];
    }

    public override void Backward(BackwardContext context)
    {
        if (Residual || Relu) throw new NotSupportedException("a fused affine map is made after gradients are taken");
        var (graph, dy, x, affine) = (context.Graph, context.Gradient, context.Input(0), context.Input(1));
        if (context.Needs(0)) context.Add(0, graph.Apply(new ChannelScaleOp(), dy, affine));
        if (!context.Needs(1)) return;
        var shape = affine.Shape;
        context.Add(1, graph.Add(
            graph.Apply(new PlaceRowOp(0, shape), graph.SumRows(graph.Multiply(dy, x))),
            graph.Apply(new PlaceRowOp(1, shape), graph.SumRows(dy))));
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        BatchNormCpu.Affine(signature, Residual, Relu, mask: false, shift: true);
}

/// <summary>
/// x times the scale row of (scale, shift), zeroed where the mask (input 2, if there is one) is not positive.
/// </summary>
internal sealed partial record ChannelScaleOp(bool Mask = false) : Op, ICpuOp
{
    public override bool AllowsInPlace(int input) => input != 1;

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) =>
        inputs[1] == new TensorType(inputs[0].Type, new Shape(2, inputs[0].Shape.Channels))
            ? inputs[0]
            : throw new ShapeException($"{Name}: {inputs[0]} with scale and shift {inputs[1]}");

    public override void Backward(BackwardContext context)
    {
        if (Mask) throw new NotSupportedException("a fused scale is made after gradients are taken");
        var (graph, d) = (context.Graph, context.Gradient);
        if (context.Needs(0)) context.Add(0, graph.Apply(this, d, context.Input(1)));
        if (context.Needs(1))
        {
            var scale = graph.SumRows(graph.Multiply(d, context.Input(0)));
            context.Add(1, graph.Apply(new PlaceRowOp(0, context.Input(1).Shape), scale));
        }
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        BatchNormCpu.Affine(signature, residual: false, relu: false, Mask, shift: false);
}

/// <summary>
/// Weights (K,R,S,C) with output channel k multiplied by row 0 of (scale, shift): batch norm folded into a convolution.
/// </summary>
internal sealed partial record ScaleFiltersOp : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) =>
        inputs[1] == new TensorType(inputs[0].Type, new Shape(2, inputs[0].Shape[0]))
            ? inputs[0]
            : throw new ShapeException($"{Name}: weights {inputs[0]} with scale and shift {inputs[1]}");

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        BatchNormCpu.ScaleFilters(signature);
}
