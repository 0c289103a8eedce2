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
    public static CudaOpKernel Create(CudaDevice device, in OpSignature signature, in ConvShape shape,
        ConvDirection direction, Epilogue epilogue)
    {
        var (operand, result, isForward) = (signature.Input(0), signature.Output, direction == ConvDirection.Forward);
        var (image, activations) = isForward ? (operand, result) : (result, operand);
        if (image.Type == DType.Float32 && StemConv.Fits(shape))
        {
            if (isForward) return StemConv.Forward(shape, epilogue, activations, device);
            if (epilogue.IsEmpty) return StemConv.InputGradient(shape, image, activations.Type, device);
        }
        var plain = Spec(device, signature, shape) with
        {
            Direction = isForward ? ConvolutionDirection.Forward : ConvolutionDirection.BackwardData,
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
    public static CudaOpKernel CreateWeightGradient(CudaDevice device, in OpSignature signature, in ConvShape shape)
    {
        var spec = Spec(device, signature, shape) with { Direction = ConvolutionDirection.BackwardFilter };
        var convolutions = device.Session.Convolutions;
        // Not every library writes sums of 16-bit products as they are.
        if (spec.Float32Output && convolutions.TryGet(spec, out _) is null)
            return CreateRoundedWeightGradient(device, spec, signature.Output);
        return new DnnConvKernel(convolutions.Get(spec), default);
    }

    /// <summary>The weight gradient rounded to 16 bits by the library, then widened by us.</summary>
    internal static CudaOpKernel CreateRoundedWeightGradient(
        CudaDevice device, in ConvolutionSpec spec, TensorType result) =>
        new WidenedConvKernel(
            device, new DnnConvKernel(device.Session.Convolutions.Get(spec with { Float32Output = false }), default),
            result);

    internal static ConvolutionSpec Spec(CudaDevice device, in OpSignature signature, in ConvShape s) => new()
    {
        N = signature.Input(0).Shape[0], H = s.Height, W = s.Width, C = s.InChannels, K = s.OutChannels,
        R = s.KernelHeight, S = s.KernelWidth, StrideH = s.StrideH, StrideW = s.StrideW, PadTop = s.PadH,
        PadBottom = s.PadH, PadLeft = s.PadW, PadRight = s.PadW, Determinism = device.Session.Options.Determinism,
        Float32Output = (signature.Input(0).Type, signature.Output.Type) == (DType.BFloat16, DType.Float32),
        Precision = signature.Input(0).Type switch
        {
            DType.Float32 when signature.AllowsTensorFloat32 => MathPrecision.TensorFloat32,
            DType.Float32 => MathPrecision.Float32,
            DType.BFloat16 => MathPrecision.BFloat16,
            DType.Float64 => MathPrecision.Float64,
            var type => throw new NotSupportedException($"no convolution of {type}"),
        },
    };

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
}
