using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

internal sealed partial record BallWeightOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device) =>
        new RivalWeightKernel("ball_weights", (int)Ball, Policy, 0, signature.Input(0).Shape[1], device);
}

internal sealed partial record GroupDroOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device) =>
        new RivalWeightKernel("group_dro", 0, Policy, Rate, signature.Input(0).Shape[1], device);
}

internal sealed partial record FactorWeightOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device) =>
        new RivalWeightKernel("factor_weights", 0, Policy, 0, signature.Input(0).Shape[1], device);
}

internal sealed partial record MarginWeightOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device) => new RivalWeightKernel(
        "margin_weights", 0, Policy, CountsSamples ? 1 : 0, signature.Input(0).Shape[1], device);
}

/// <summary>The rivals' weight steps on the device: one block, in double, the host's bits.</summary>
internal sealed class RivalWeightKernel : CudaOpKernel
{
    private const int ScratchRows = 6, Memory = 7;

    private readonly CudaKernel<RivalWeightsArgs> _kernel;
    private readonly RivalWeightsArgs _args;
    private readonly bool _hasMemory;

    public RivalWeightKernel(
        string entry, int ball, ClassRiskPolicy policy, double number, int classes, CudaDevice device)
    {
        _kernel = device.Kernel<RivalWeightsArgs>("ball_weights.cu", entry, CudaVariants.Exact);
        _hasMemory = entry != "ball_weights";
        _args = new RivalWeightsArgs
        {
            Number = number,
            Step = new ClassWeightsArgs
            {
                Decay = policy.Decay, Classes = classes, Kind = ball, Source = (int)policy.Source,
                Missing = (int)policy.Missing,
            },
        };
    }

    public override string Variant => _kernel.Entry;

    public override long WorkspaceBytes => (long)ScratchRows * _args.Step.Classes * sizeof(double);

    public override void Enqueue(in CudaCall call) => _kernel.Launch(call.Stream, new LaunchShape(1, 256), _args with
    {
        Memory = _hasMemory ? call.Input(Memory) : 0,
        Step = _args.Step with
        {
            Risks = call.Input(0), Prior = call.Input(1), Radius = call.Input(2), Table = call.Input(3),
            Numbers = call.Input(4), Status = call.Input(5), Averages = call.Input(6), Workspace = call.Workspace,
        },
    });
}

/// <summary>Arguments of <c>ball_weights.cu</c>.</summary>
internal struct RivalWeightsArgs
{
    public ClassWeightsArgs Step;
    public ulong Memory;
    public double Number;
}
