using Codat.Native.Autograd;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

internal sealed partial record WeightPerturbOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device) =>
        new WeightPerturbKernel(device, signature.Output, Gamma);
}

/// <summary>The perturbation on the device: norms in parts, then the move by their sums.</summary>
internal sealed class WeightPerturbKernel : CudaOpKernel
{
    private const int ElementsPerPart = 8192, MostParts = 1024, NormsOfAPart = 2;

    private readonly CudaKernel<WeightPerturbArgs> _norms, _move;
    private readonly WeightPerturbArgs _args;

    public WeightPerturbKernel(CudaDevice device, TensorType weights, double gamma)
    {
        var options = CudaVariants.For(weights.Type);
        _norms = device.Kernel<WeightPerturbArgs>("weight_perturb.cu", "weight_norms", options);
        _move = device.Kernel<WeightPerturbArgs>("weight_perturb.cu", "weight_perturb", options);
        _args = new WeightPerturbArgs
        {
            Count = weights.Shape.Count, Gamma = gamma,
            Parts = (int)Math.Clamp(weights.Shape.Count / ElementsPerPart, 1, MostParts),
        };
    }

    public override string Variant => _move.Entry;

    public override long WorkspaceBytes => (long)NormsOfAPart * _args.Parts * sizeof(double);

    public override void Enqueue(in CudaCall call)
    {
        var args = _args with
        {
            Weights = call.Input(0), Gradient = call.Input(1), Status = call.Input(2), Partial = call.Workspace,
        };
        var parts = new LaunchShape((uint)args.Parts, 256);
        _norms.Launch(call.Stream, parts, args);
        _move.Launch(call.Stream, parts, args);
    }
}

/// <summary>Arguments of <c>weight_perturb.cu</c>.</summary>
internal struct WeightPerturbArgs
{
    public ulong Weights, Gradient, Status, Partial;
    public long Count;
    public double Gamma;
    public int Parts, Unused;
}
