namespace Codat.Native.Autograd;

/// <summary>Row <paramref name="Row"/> of the outermost dimension.</summary>
internal sealed partial record RowOp(int Row) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        var shape = inputs[0].Shape;
        if (shape.Rank == 0 || (uint)Row >= (uint)shape[0]) throw new ShapeException($"no row {Row} in {shape}");
        Span<int> rest = stackalloc int[Shape.MaxRank];
        for (var i = 1; i < shape.Rank; i++) rest[i - 1] = shape[i];
        return new TensorType(inputs[0].Type, new Shape(rest[..(shape.Rank - 1)]));
    }

    public override void Backward(BackwardContext context) =>
        context.Add(0, context.Graph.Apply(new PlaceRowOp(Row, context.Input(0).Shape), context.Gradient));

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        new Kernel(Row, signature.Output.Shape.Count * signature.Output.Type.Size());

    private sealed unsafe class Kernel(int row, long bytes) : CpuKernel
    {
        public override void Run(in CpuCall call) =>
            Buffer.MemoryCopy((byte*)call.InputPointer(0) + row * bytes, call.OutputPointer, bytes, bytes);
    }
}

/// <summary>
/// Zeros of a shape with one row of the outermost dimension filled in: the transpose of <see cref="RowOp"/>.
/// </summary>
internal sealed partial record PlaceRowOp(int Row, Shape To) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) => new(inputs[0].Type, To);

    public override void Backward(BackwardContext context) =>
        context.Add(0, context.Graph.Apply(new RowOp(Row), context.Gradient));

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        new Kernel(Row, signature.Input(0).Shape.Count * signature.Output.Type.Size(),
            signature.Output.Shape.Count * signature.Output.Type.Size());

    private sealed unsafe class Kernel(int row, long bytes, long total) : CpuKernel
    {
        public override void Run(in CpuCall call)
        {
            System.Runtime.InteropServices.NativeMemory.Clear(call.OutputPointer, (nuint)total);
            Buffer.MemoryCopy(call.InputPointer(0), (byte*)call.OutputPointer + row * bytes, bytes, bytes);
        }
    }
}
