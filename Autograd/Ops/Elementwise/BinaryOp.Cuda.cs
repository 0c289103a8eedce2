namespace Codat.Native.Autograd;

internal sealed partial record BinaryOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        if (Spread is Broadcast.Scalar or Broadcast.Row
            && Kind is BinaryKind.ReluGrad or BinaryKind.SiluGrad or BinaryKind.ClampGrad)
            throw new NotSupportedException($"{Kind} does not spread a single number");
        var z = signature.Output;
        var kernel = device.Kernel<BinaryArgs>("binary.cu", "binary", CudaVariants.For(z.Type));
        var run = Spread switch
        {
            Broadcast.Channel => z.Shape.Channels,
            Broadcast.Row => z.Shape[0] == 0 ? 1 : Math.Max(1, z.Shape.Count / z.Shape[0]),
            _ => 1,
        };
        // A pack must not reach over the end of a run.
        var fits = Spread is Broadcast.None or Broadcast.Scalar || run % CudaVariants.Wide(z.Type) == 0;
        var args = new BinaryArgs { Run = run, A = A, B = B, Kind = (int)Kind, Spread = (int)Spread };
        return new LaunchKernel<BinaryArgs>(kernel, (in CudaCall call) =>
        {
            var alone = Spread == Broadcast.None ? call.Input(1) : 0;
            var split = PackSplit.Of(
                z.Type, z.Shape.Count, call.Input(0), alone, call.Output, fits ? 0ul : 1ul);
            return new(split.Shape, args with
            {
                X = call.Input(0), Y = call.Input(1), Z = call.Output, Count = split.Count, Packs = split.Packs,
            });
        });
    }
}

/// <summary>Arguments of <c>binary.cu</c>.</summary>
internal struct BinaryArgs
{
    public ulong X, Y, Z;
    public long Count, Packs, Run;
    public double A, B;
    public int Kind, Spread;
}
