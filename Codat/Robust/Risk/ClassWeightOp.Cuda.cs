using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

internal sealed partial record ClassWeightOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device) =>
        new ClassWeightCudaKernel(Spec, signature.Input(0).Shape[1], device);
}

/// <summary>The weight step on the device: one block, in double, the host's bits.</summary>
internal sealed class ClassWeightCudaKernel : CudaOpKernel
{
    private const int ScratchRows = 6;

    private readonly CudaKernel<ClassWeightsArgs> _kernel;
    private readonly ClassWeightsArgs _args;

    public ClassWeightCudaKernel(ClassWeightSpec spec, int classes, CudaDevice device)
    {
        _kernel = device.Kernel<ClassWeightsArgs>("class_weights.cu", "class_weights", CudaVariants.Exact);
        _args = new ClassWeightsArgs
        {
            Decay = spec.Policy.Decay, Classes = classes, Kind = (int)spec.Kind, Solver = (int)spec.Solver,
            Source = (int)spec.Policy.Source, Missing = (int)spec.Policy.Missing, Variance = (int)spec.Variance,
            MeasuresNoise = spec.MeasuresNoise ? 1 : 0,
        };
    }

    public override string Variant => _kernel.Entry;

    public override long WorkspaceBytes => (long)ScratchRows * _args.Classes * sizeof(double);

    public override void Enqueue(in CudaCall call) => _kernel.Launch(call.Stream, new LaunchShape(1, 256), _args with
    {
        Risks = call.Input(0), Prior = call.Input(1), Radius = call.Input(2), Table = call.Input(3),
        Numbers = call.Input(4), Status = call.Input(5), Averages = call.Input(6), Workspace = call.Workspace,
    });
}

/// <summary>Arguments of <c>class_weights.cu</c>.</summary>
internal struct ClassWeightsArgs
{
    public ulong Risks, Prior, Radius, Table, Numbers, Status, Averages, Workspace;
    public double Decay;
    public int Classes, Kind, Solver, Source, Missing, Variance, MeasuresNoise, Unused;
}
