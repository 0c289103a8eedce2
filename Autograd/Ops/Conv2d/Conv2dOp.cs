using Codat.Native.Autograd.Cpu;

namespace Codat.Native.Autograd;

/// <summary>What is done to each output element of a convolution before it is written, in this order.</summary>
/// <param name="Bias">A number per output channel is added.</param>
/// <param name="Residual">A value of the output's shape is added.</param>
/// <param name="Relu">Negative results become zero.</param>
/// <param name="Mask">Results become zero where a value of the output's shape is not positive.</param>
internal readonly record struct Epilogue(bool Bias = false, bool Residual = false, bool Relu = false, bool Mask = false)
{
    /// <summary>How many extra inputs these make, in the order of the parameters.</summary>
    public int Inputs => (Bias ? 1 : 0) + (Residual ? 1 : 0) + (Mask ? 1 : 0);

    public bool IsEmpty => Inputs == 0 && !Relu;
}

/// <summary>Cross-correlation of x (N,H,W,C) with w (K,R,S,C), zero padding: (N,OH,OW,K).</summary>
internal sealed partial record Conv2dOp(
    int StrideH, int StrideW, int PadH, int PadW, Epilogue Epilogue = default, ConvShape? Packed = null)
    : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        if (Packed is null) ConvRules.CheckTypes(Name, inputs[0], inputs[1]);
        var shape = ShapeFor(inputs);
        var y = new TensorType(
            inputs[0].Type, new Shape(inputs[0].Shape[0], shape.OutHeight, shape.OutWidth, shape.OutChannels));
        ConvRules.CheckEpilogue(Name, Epilogue, inputs[2..], y);
        return y;
    }

    public override void Backward(BackwardContext context)
    {
        if (!Epilogue.IsEmpty) throw new NotSupportedException("a fused convolution is made after gradients are taken");
        var (graph, dy, x, w) = (context.Graph, context.Gradient, context.Input(0), context.Input(1));
        if (context.Needs(0))
            context.Add(
                0, graph.Apply(new Conv2dInputGradOp(StrideH, StrideW, PadH, PadW, x.Shape[1], x.Shape[2]), dy, w));
        if (context.Needs(1))
            context.Add(
                1, graph.Apply(new Conv2dWeightGradOp(StrideH, StrideW, PadH, PadW, w.Shape[1], w.Shape[2]), x, dy));
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device)
    {
        Span<TensorType> types = [signature.Input(0), signature.Input(1)];
        return ConvCpu.Create(signature.Output.Type, new ConvCpu(ShapeFor(types), ConvDirection.Forward, Epilogue,
            Packed is not null, signature.Output.Shape[0], device));
    }

    /// <summary>Sizes of the convolution; types are not looked at.</summary>
    internal ConvShape ShapeFor(ReadOnlySpan<TensorType> inputs)
    {
        if (Packed is { } known)
        {
            ConvRules.CheckImage(Name, inputs[0], known.Height, known.Width, known.InChannels);
            return known;
        }
        var (x, w) = (inputs[0], inputs[1]);
        if (x.Shape[3] != w.Shape[3])
            throw new ShapeException($"{Name}: {x} has {x.Shape[3]} channels, the weights {w} want {w.Shape[3]}");
        return ConvRules.Shape(Name, x.Shape[1], x.Shape[2], w.Shape, this);
    }
}

/// <summary>Gradient of a convolution with respect to its input: dy (N,OH,OW,K), w (K,R,S,C) to (N,H,W,C).</summary>
internal sealed partial record Conv2dInputGradOp(int StrideH, int StrideW, int PadH, int PadW, int Height, int Width,
    Epilogue Epilogue = default, ConvShape? Packed = null) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        if (Packed is null) ConvRules.CheckTypes(Name, inputs[0], inputs[1]);
        var shape = ShapeFor(inputs);
        ConvRules.CheckImage(Name, inputs[0], shape.OutHeight, shape.OutWidth, shape.OutChannels);
        var dx = new TensorType(inputs[0].Type, new Shape(inputs[0].Shape[0], Height, Width, shape.InChannels));
        ConvRules.CheckEpilogue(Name, Epilogue, inputs[2..], dx);
        return dx;
    }

    public override void Backward(BackwardContext context)
    {
        if (!Epilogue.IsEmpty) throw new NotSupportedException("a fused convolution is made after gradients are taken");
        var (graph, dz, dy, w) = (context.Graph, context.Gradient, context.Input(0), context.Input(1));
        if (context.Needs(0)) context.Add(0, graph.Apply(new Conv2dOp(StrideH, StrideW, PadH, PadW), dz, w));
        if (context.Needs(1))
            context.Add(
                1, graph.Apply(new Conv2dWeightGradOp(StrideH, StrideW, PadH, PadW, w.Shape[1], w.Shape[2]), dz, dy));
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device)
    {
        Span<TensorType> types = [signature.Input(0), signature.Input(1)];
        return ConvCpu.Create(signature.Output.Type, new ConvCpu(ShapeFor(types), ConvDirection.InputGradient, Epilogue,
            Packed is not null, signature.Output.Shape[0], device));
    }

    /// <summary>Sizes of the convolution; types are not looked at.</summary>
    internal ConvShape ShapeFor(ReadOnlySpan<TensorType> inputs)
    {
        if (Packed is { } known) return known;
        return ConvRules.Shape(Name, Height, Width, inputs[1].Shape, new Conv2dOp(StrideH, StrideW, PadH, PadW));
    }
}

/// <summary>Gradient of a convolution with respect to its weights: x (N,H,W,C), dy (N,OH,OW,K) to (K,R,S,C).</summary>
internal sealed partial record Conv2dWeightGradOp(
    int StrideH, int StrideW, int PadH, int PadW, int KernelHeight, int KernelWidth) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        var (x, dy) = (inputs[0], inputs[1]);
        ConvRules.CheckTypes(Name, x, dy);
        var shape = ShapeFor(x.Shape, dy.Shape);
        ConvRules.CheckImage(Name, dy, shape.OutHeight, shape.OutWidth, shape.OutChannels);
        return new TensorType(x.Type, new Shape(shape.OutChannels, KernelHeight, KernelWidth, shape.InChannels));
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device)
    {
        var x = signature.Input(0).Shape;
        return ConvCpu.CreateWeightGradient(signature.Output.Type, ShapeFor(x, signature.Input(1).Shape), x[0], device);
    }

    /// <summary>Sizes of the convolution.</summary>
    internal ConvShape ShapeFor(Shape x, Shape dy) => ConvRules.Shape(Name, x[1], x[2],
        new Shape(dy[3], KernelHeight, KernelWidth, x[3]), new Conv2dOp(StrideH, StrideW, PadH, PadW));
}
