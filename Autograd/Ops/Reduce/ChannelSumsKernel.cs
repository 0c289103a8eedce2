using Codat.Native.Interop;

namespace Codat.Native.Autograd;

/// <summary>What <see cref="ChannelSumsKernel"/> sums.</summary>
internal enum ChannelSumsKind
{
    /// <summary>x.</summary>
    Sum,

    /// <summary>x and its square: mean and variance.</summary>
    Moments,

    /// <summary>dy and dy xhat.</summary>
    Gradient,
}

/// <summary>Sums over rows for each channel: blocks sum their rows, a second launch adds the blocks' sums.</summary>
internal sealed class ChannelSumsKernel : CudaOpKernel
{
    private const int FinishColumns = 32, FinishRows = 16;

    private readonly CudaKernel<ChannelSumsArgs> _sums, _finish;
    private readonly ChannelSumsKind _kind;
    private readonly ColumnGrid _packs, _singles;
    private readonly double _epsilon;

    public ChannelSumsKernel(CudaDevice device, TensorType x, ChannelSumsKind kind, double epsilon = 0)
    {
        var options = CudaVariants.For(x.Type);
        _sums = device.Kernel<ChannelSumsArgs>("channel_sums.cu", "channel_sums", options);
        _finish = device.Kernel<ChannelSumsArgs>("channel_sums.cu", "channel_sums_finish", options);
        (_kind, _epsilon) = (kind, epsilon);
        _packs = ColumnGrid.ForSums(x.Type, x.Shape, isAligned: true);
        _singles = ColumnGrid.ForSums(x.Type, x.Shape, isAligned: false);
    }

    public override string Variant => _sums.Entry;

    public override long WorkspaceBytes => (long)Math.Max(_packs.RowTiles, _singles.RowTiles)
        * (_kind == ChannelSumsKind.Sum ? 1 : 2) * _packs.Columns.Channels * sizeof(double);

    public override void Enqueue(in CudaCall call)
    {
        var isGradient = _kind == ChannelSumsKind.Gradient;
        var (x, dy) = isGradient ? (call.Input(1), call.Input(0)) : (call.Input(0), 0);
        var grid = CudaVariants.AreAligned(x, dy) ? _packs : _singles;
        var args = new ChannelSumsArgs
        {
            X = x, Dy = dy, Moments = isGradient ? call.Input(2) : 0, Y = call.Output, Partial = call.Workspace,
            Epsilon = _epsilon, Columns = grid.Columns, Parts = grid.RowTiles, Kind = (int)_kind,
            IsWide = grid.IsWide ? 1 : 0,
        };
        _sums.Launch(call.Stream, grid.Shape, args);
        var blocks = (grid.Columns.Channels + FinishColumns - 1) / FinishColumns;
        _finish.Launch(
            call.Stream, new LaunchShape((uint)blocks, 1, 1, FinishColumns, FinishRows, 1, 0), args);
    }
}

/// <summary>Arguments of <c>channel_sums.cu</c>.</summary>
internal struct ChannelSumsArgs
{
    public ulong X, Dy, Moments, Y, Partial;
    public double Epsilon;
    public Columns Columns;
    public int Parts, Kind, IsWide, Unused;
}
