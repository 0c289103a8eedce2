using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

internal sealed partial record LogitLossOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device) =>
        Launch(Loss, "logit_loss", signature, device);

    internal static LaunchKernel<LogitLossArgs> Launch(
        LogitLoss loss, string entry, in OpSignature signature, CudaDevice device)
    {
        var logits = signature.Input(0);
        var kernel = device.Kernel<LogitLossArgs>("logit_loss.cu", entry, CudaVariants.For(logits.Type));
        var args = new LogitLossArgs { Rows = logits.Shape[0], Classes = logits.Shape[1], Loss = (int)loss };
        var hasSeed = signature.InputCount > 3;
        return new LaunchKernel<LogitLossArgs>(kernel, (in CudaCall call) => new(LaunchShape.ForElements(args.Rows),
            args with
            {
                Logits = call.Input(0), Labels = call.Input(1), Targets = call.Input(2),
                LossGradient = hasSeed ? call.Input(3) : 0, Y = call.Output,
            }));
    }
}

internal sealed partial record LogitLossGradOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device) =>
        LogitLossOp.Launch(Loss, "logit_loss_gradient", signature, device);
}

/// <summary>Arguments of <c>logit_loss.cu</c>.</summary>
internal struct LogitLossArgs
{
    public ulong Logits, Labels, Targets, LossGradient, Y;
    public long Rows;
    public int Classes, Loss;
}
