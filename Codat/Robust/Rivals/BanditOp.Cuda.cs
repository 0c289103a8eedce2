using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

internal sealed partial record BanditOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var kernel = device.Kernel<BanditArgs>("bandit.cu", "bandit", CudaVariants.Exact);
        var args = new BanditArgs
        {
            Gamma = Gamma, Rate = Rate, Samples = signature.Input(3).Shape[0], Classes = signature.Input(0).Shape[0],
        };
        return new LaunchKernel<BanditArgs>(kernel, (in CudaCall call) => new(new LaunchShape(1, 256), args with
        {
            Weights = call.Input(0), Prior = call.Input(1), Predicted = call.Input(2), Labels = call.Input(3),
            Status = call.Input(4),
        }));
    }
}

/// <summary>Arguments of <c>bandit.cu</c>.</summary>
internal struct BanditArgs
{
    public ulong Weights, Prior, Predicted, Labels, Status;
    public double Gamma, Rate;
    public int Samples, Classes;
}
