using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>One product of a convolution by cuDNN; its epilogue is fused, or a pass of its own.</summary>
internal sealed class DnnConvKernel(ConvolutionPlan plan, Epilogue epilogue, ConvEpilogueKernel? pass = null)
    : CudaOpKernel
{
    private ConvolutionBinding? _binding;

    public override long WorkspaceBytes => plan.WorkspaceBytes;

    public override string Variant => $"cudnn {plan.Engine}";

    public override void Place(in CudaCall call)
    {
        _binding?.Dispose();
        _binding = plan.Bind(Buffers(call));
    }

    public override void Enqueue(in CudaCall call)
    {
        if (_binding is not { } binding) throw new InvalidOperationException("the convolution was not placed");
        binding.Execute();
        pass?.Enqueue(call, new ConvExtras(call, epilogue));
    }

    public override void Dispose()
    {
        _binding?.Dispose();
        base.Dispose();
    }

    private ConvolutionBuffers Buffers(in CudaCall call)
    {
        // cuDNN is told addresses only; sizes are those of the plan.
        var (a, b, y) = (Span(call.Input(0)), Span(call.Input(1)), Span(call.Output));
        var buffers = plan.Spec.Direction switch
        {
            ConvolutionDirection.Forward => new ConvolutionBuffers { Input = a, Filter = b, Output = y },
            ConvolutionDirection.BackwardData => new ConvolutionBuffers { Output = a, Filter = b, Input = y },
            _ => new ConvolutionBuffers { Input = a, Output = b, Filter = y },
        };
        buffers = buffers with { Workspace = new DeviceSpan<byte>(call.Workspace, plan.WorkspaceBytes) };
        if (pass is not null) return buffers;
        var next = 2;
        if (epilogue.Bias) buffers = buffers with { Bias = Span(call.Input(next++)) };
        if (epilogue.Residual) buffers = buffers with { Addend = Span(call.Input(next++)) };
        if (epilogue.Mask) buffers = buffers with { ReluSource = Span(call.Input(next)) };
        return buffers;
    }

    private static DeviceSpan<byte> Span(ulong address) => new(address, long.MaxValue);
}
