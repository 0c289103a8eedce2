namespace Codat.Native.Autograd;

/// <summary>
/// Copies a value into a bound tensor (input 0) when the plan runs; usually elided by computing it there.
/// </summary>
internal sealed partial record StoreOp : Op, ICpuOp
{
    public override ReadOnlySpan<int> Mutates => [0];

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => inputs[0];

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        new Kernel(checked(signature.Output.Shape.Count * signature.Output.Type.Size()));

    private sealed unsafe class Kernel(long bytes) : CpuKernel
    {
        public override void Run(in CpuCall call) =>
            Buffer.MemoryCopy(call.InputPointer(1), call.InputPointer(0), bytes, bytes);
    }
}
