using Codat.Native.Interop;

namespace Codat.Native.Autograd;

internal sealed partial record ReduceOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var x = signature.Input(0);
        return Kind switch
        {
            ReduceKind.Channels => new ChannelSumsKernel(device, x, ChannelSumsKind.Sum),
            ReduceKind.Rows => new RowSumsKernel(device, x.Type, x.Shape[0], Math.Max(1, x.Shape[0]), x.Shape.Count),
            _ => new RowSumsKernel(device, x.Type, 1, 1, x.Shape.Count),
        };
    }
}

internal sealed partial record SpreadOp : ICudaOp
{
    public CudaOpKernel CreateCudaKernel(in OpSignature signature, CudaDevice device)
    {
        var y = signature.Output;
        var kernel = device.Kernel<SpreadArgs>("spread.cu", "spread", CudaVariants.For(y.Type));
        var run = Kind switch
        {
            ReduceKind.Rows => y.Shape.Count / Math.Max(1, To[0]),
            ReduceKind.Channels => To[-1],
            _ => 1,
        };
        var args = new SpreadArgs { Count = y.Shape.Count, Run = run, Kind = (int)Kind };
        return new LaunchKernel<SpreadArgs>(kernel, (in CudaCall call) =>
            new(LaunchShape.ForElements(args.Count, perThread: 4), args with { X = call.Input(0), Y = call.Output }));
    }
}

/// <summary>Sums of contiguous runs; a single run is cut into parts that a second launch adds.</summary>
internal sealed class RowSumsKernel : CudaOpKernel
{
    private const int ElementsPerPart = 8192, MostParts = 1024;

    private readonly CudaKernel<RowSumsArgs> _sums, _finish;
    private readonly int _rows, _parts;
    private readonly long _run;

    public RowSumsKernel(CudaDevice device, DType type, int rows, int divisor, long count)
    {
        var options = CudaVariants.For(type);
        _sums = device.Kernel<RowSumsArgs>("row_sums.cu", "row_sums", options);
        _finish = device.Kernel<RowSumsArgs>("row_sums.cu", "row_sums_finish", options);
        (_rows, _run) = (rows, count / divisor);
        _parts = rows == 1 ? (int)Math.Clamp(_run / ElementsPerPart, 1, MostParts) : 1;
    }

    public override string Variant => _sums.Entry;

    public override long WorkspaceBytes => _parts == 1 ? 0 : (long)_parts * sizeof(double);

    public override void Enqueue(in CudaCall call)
    {
        var args = new RowSumsArgs
        {
            X = call.Input(0), Y = call.Output, Partial = _parts == 1 ? 0 : call.Workspace, Run = _run, Parts = _parts,
        };
        _sums.Launch(call.Stream, new LaunchShape((uint)_rows, (uint)_parts, 1, 256, 1, 1, 0), args);
        if (_parts > 1) _finish.Launch(call.Stream, new LaunchShape(1, 256), args);
    }
}

/// <summary>Arguments of <c>row_sums.cu</c>.</summary>
internal struct RowSumsArgs
{
    public ulong X, Y, Partial;
    public long Run;
    public int Parts, Unused;
}

/// <summary>Arguments of <c>spread.cu</c>.</summary>
internal struct SpreadArgs
{
    public ulong X, Y;
    public long Count, Run;
    public int Kind, Unused;
}
