using Codat.Native.Interop;

namespace Codat.Native.Autograd;

public sealed partial record RandomOp : ICudaOp
{
    CudaOpKernel ICudaOp.CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var kernel = device.Kernel<RandomArgs>("random.cu", "random_numbers", CudaVariants.For(Type));
        var args = new RandomArgs
        {
            Samples = Shape[0], Run = Shape.Count / Math.Max(1, Shape[0]), Seed = Seed, Purpose = (int)Purpose,
            IsNormal = Kind == RandomKind.Normal ? 1 : 0,
        };
        var shape = LaunchShape.ForElements(args.Samples * ((args.Run + 3) / 4), block: 128);
        return new LaunchKernel<RandomArgs>(kernel, (in CudaCall call) => new(shape, args with
        {
            Ids = call.Input(0), Counters = call.Input(1), Y = call.Output,
        }));
    }
}

/// <summary>Arguments of <c>random.cu</c>.</summary>
internal struct RandomArgs
{
    public ulong Ids, Counters, Y;
    public long Samples, Run;
    public ulong Seed;
    public int Purpose, IsNormal;
}
