using Codat.Native.Autograd.Cpu;
using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>
/// Chooses the CUDA kernel of a convolution: our own for first layers, else cuDNN, with the epilogue fused where an
/// engine takes it.
/// </summary>
internal static class ConvCuda
{
    /// <summary>Forward or input gradient; inputs are (x, w) or (dy, w), then those of the epilogue.</summary>
    public static CudaOpKernel Create(
        CudaDevice device, TensorType result, in ConvShape shape, int images, ConvDirection direction,
        Epilogue epilogue)
    {
        var type = result.Type;
        if (StemConv.Fits(shape, type))
        {
            if (direction == ConvDirection.Forward) return StemConv.Forward(shape, epilogue, result, device);
            if (epilogue.IsEmpty) return StemConv.InputGradient(shape, result, device);
        }
        var plain = Spec(device, type, shape, images) with
        {
            Direction = direction == ConvDirection.Forward
                ? ConvolutionDirection.Forward
                : ConvolutionDirection.BackwardData,
        };
        var convolutions = device.Session.Convolutions;
        if (Fused(direction, epilogue) is { } fused)
        {
            // A pattern may have no engine on this device or version; the convolution alone always has one.
            if (convolutions.TryGet(plain with { Epilogue = fused }, out _) is { } plan)
                return new DnnConvKernel(plan, epilogue);
        }
        var pass = epilogue.IsEmpty ? null : new ConvEpilogueKernel(device, result, epilogue.Relu);
        return new DnnConvKernel(convolutions.Get(plain), epilogue, pass);
    }

    /// <summary>The weight gradient; inputs are (x, dy).</summary>
    public static CudaOpKernel CreateWeightGradient(CudaDevice device, DType type, in ConvShape shape, int images)
    {
        var spec = Spec(device, type, shape, images) with { Direction = ConvolutionDirection.BackwardFilter };
        return new DnnConvKernel(device.Session.Convolutions.Get(spec), default);
    }

    private static ConvolutionEpilogue? Fused(ConvDirection direction, Epilogue epilogue)
    {
        if (direction == ConvDirection.InputGradient)
            return epilogue is { Bias: false, Residual: false, Relu: false, Mask: true }
                ? ConvolutionEpilogue.ReluGradient
                : null;
        if (epilogue.Mask || epilogue.IsEmpty) return null;
        return (epilogue.Bias ? ConvolutionEpilogue.Bias : 0) | (epilogue.Residual ? ConvolutionEpilogue.Addend : 0)
            | (epilogue.Relu ? ConvolutionEpilogue.Relu : 0);
    }

    private static ConvolutionSpec Spec(CudaDevice device, DType type, in ConvShape s, int images) => new()
    {
        N = images, H = s.Height, W = s.Width, C = s.InChannels, K = s.OutChannels, R = s.KernelHeight,
        S = s.KernelWidth, StrideH = s.StrideH, StrideW = s.StrideW, PadTop = s.PadH, PadBottom = s.PadH,
        PadLeft = s.PadW, PadRight = s.PadW, Determinism = device.Session.Options.Determinism,
        Precision = type switch
        {
            DType.Float32 => device.Session.SinglePrecision,
            DType.Float64 => MathPrecision.Float64,
            _ => throw new NotSupportedException($"no convolution of {type}"),
        },
    };
}
