namespace Codat.Native.Autograd;

/// <summary>
/// The same numbers in another element type, rounded to nearest even; with another number of channels, zeros are added
/// or channels left out.
/// </summary>
/// <remarks>Put in by <see cref="MixedPrecision"/>, after gradients are taken: it has no derivative.</remarks>
internal sealed partial record ConvertOp(DType To, int Channels) : Op, ICpuOp
{
    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        var (from, shape) = (inputs[0].Type, inputs[0].Shape);
        if (from is not (DType.Float32 or DType.BFloat16) || To is not (DType.Float32 or DType.BFloat16))
            throw new ShapeException($"{Name} is between Float32 and BFloat16, found {from} and {To}");
        if (shape.Rank < 1 || Channels < 1) throw new ShapeException($"{Name}: {shape} to {Channels} channels");
        Span<int> sizes = stackalloc int[Shape.MaxRank];
        for (var i = 0; i < shape.Rank; i++) sizes[i] = shape[i];
        sizes[shape.Rank - 1] = Channels;
        return new TensorType(To, new Shape(sizes[..shape.Rank]));
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        new Kernel(signature.Input(0), signature.Output);

    /// <summary>The upper half of a number, to nearest even; a NaN stays one.</summary>
    public static ushort Narrow(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        var rounded = float.IsNaN(value) ? bits | 0x400000 : bits + 0x7FFF + (bits >> 16 & 1);
        return (ushort)(rounded >> 16);
    }

    /// <summary>The number of an upper half.</summary>
    public static float Widen(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    private sealed unsafe class Kernel(TensorType from, TensorType to) : CpuKernel
    {
        public override void Run(in CpuCall call)
        {
            var (channels, wanted) = (from.Shape.Channels, to.Shape.Channels);
            for (long row = 0; row < to.Shape.Rows; row++)
                for (var c = 0; c < wanted; c++)
                    Write(call.OutputPointer, row * wanted + c,
                        c < channels ? Read(call.InputPointer(0), row * channels + c) : 0);
        }

        private float Read(void* values, long at) =>
            from.Type == DType.Float32 ? ((float*)values)[at] : Widen(((ushort*)values)[at]);

        private void Write(void* values, long at, float value)
        {
            if (to.Type == DType.Float32) ((float*)values)[at] = value;
            else ((ushort*)values)[at] = Narrow(value);
        }
    }
}
