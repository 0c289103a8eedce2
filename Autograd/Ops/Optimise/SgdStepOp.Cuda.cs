namespace Codat.Native.Autograd;

public sealed partial record SgdStepOp : ICudaOp
{
    CudaOpKernel ICudaOp.CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var weights = signature.Input(0);
        var kernel = device.Kernel<SgdStepArgs>("sgd_step.cu", "sgd_step", CudaVariants.For(weights.Type));
        var args = new SgdStepArgs { Momentum = Momentum, Decay = WeightDecay, IsNesterov = Nesterov ? 1 : 0 };
        return new LaunchKernel<SgdStepArgs>(kernel, (in CudaCall call) =>
        {
            var split = PackSplit.Of(
                weights.Type, weights.Shape.Count, call.Input(0), call.Input(1), call.Input(2));
            return new(split.Shape, args with
            {
                Weights = call.Input(0), Velocity = call.Input(1), Gradient = call.Input(2), Rate = call.Input(3),
                Status = call.Input(4), Count = split.Count, Packs = split.Packs,
            });
        });
    }
}

public sealed partial record AverageStepOp : ICudaOp
{
    CudaOpKernel ICudaOp.CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var (average, share) = (signature.Input(0), 1 - Decay);
        var kernel = device.Kernel<AverageStepArgs>("average_step.cu", "average_step", CudaVariants.For(average.Type));
        return new LaunchKernel<AverageStepArgs>(kernel, (in CudaCall call) =>
        {
            var split = PackSplit.Of(average.Type, average.Shape.Count, call.Input(0), call.Input(1));
            return new(split.Shape, new AverageStepArgs
            {
                Average = call.Input(0), Weights = call.Input(1), Status = call.Input(2),
                Count = split.Count, Packs = split.Packs, Share = share,
            });
        });
    }
}

/// <summary>Arguments of <c>sgd_step.cu</c>.</summary>
internal struct SgdStepArgs
{
    public ulong Weights, Velocity, Gradient, Rate, Status;
    public long Count, Packs;
    public double Momentum, Decay;
    public int IsNesterov, Unused;
}

/// <summary>Arguments of <c>average_step.cu</c>.</summary>
internal struct AverageStepArgs
{
    public ulong Average, Weights, Status;
    public long Count, Packs;
    public double Share;
}
