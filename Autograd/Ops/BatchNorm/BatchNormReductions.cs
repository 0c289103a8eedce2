using System.Numerics;
using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd;

/// <summary>Mean and biased variance per channel in one pass, shifted by the first row against cancellation.</summary>
internal sealed unsafe class BatchMomentsKernel<T>(Shape shape) : CpuKernel
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ChannelSums _sums = new(shape, 2);

    public override long WorkspaceBytes => _sums.WorkspaceBytes;

    public override void Run(in CpuCall call)
    {
        var body = new Body { X = (T*)call.InputPointer(0), Sums = _sums, Workspace = (double*)call.WorkspacePointer };
        Tiles.Run(call.Workers, _sums.Parts, ref body);
        _sums.Combine(body.Workspace);

        var y = (T*)call.OutputPointer;
        double rows = _sums.Rows;
        for (var c = 0; c < _sums.Channels; c++)
        {
            var mean = body.Workspace[c] / rows;
            var variance = body.Workspace[_sums.Channels + c] / rows - mean * mean;
            y[c] = T.CreateTruncating(double.CreateTruncating(body.X[c]) + mean);
            y[_sums.Channels + c] = T.CreateTruncating(Math.Max(0, variance));
        }
    }

    private struct Body : ITileBody
    {
        private const int RowsPerBlock = 64;

        public T* X;
        public ChannelSums Sums;
        public double* Workspace;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int tile, int worker)
        {
            var channels = Sums.Channels;
            var (first, last) = Sums.RowsOf(tile);
            var part = Sums.Part(Workspace, tile);
            // Short blocks are summed in T, blocks in double: fast, and as accurate as the data deserve.
            for (var start = 0; start < channels; start += Vector<T>.Count)
            {
                var width = Math.Min(Vector<T>.Count, channels - start);
                for (var i = 0; i < width; i++) part[start + i] = part[channels + start + i] = 0;
                for (var row = first; row < last; row += RowsPerBlock)
                    Block(row, Math.Min(last, row + RowsPerBlock), start, width, part);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Block(long first, long last, int start, int width, double* part)
        {
            var channels = Sums.Channels;
            if (width == Vector<T>.Count)
            {
                var shift = Unsafe.ReadUnaligned<Vector<T>>(X + start);
                var (s1, s2) = (Vector<T>.Zero, Vector<T>.Zero);
                for (var row = first; row < last; row++)
                {
                    var d = Unsafe.ReadUnaligned<Vector<T>>(X + row * channels + start) - shift;
                    s1 += d;
                    s2 += d * d;
                }
                for (var i = 0; i < width; i++)
                {
                    part[start + i] += double.CreateTruncating(s1[i]);
                    part[channels + start + i] += double.CreateTruncating(s2[i]);
                }
                return;
            }
            for (var i = 0; i < width; i++)
            {
                T s1 = T.Zero, s2 = T.Zero, shift = X[start + i];
                for (var row = first; row < last; row++)
                {
                    var d = X[row * channels + start + i] - shift;
                    s1 += d;
                    s2 += d * d;
                }
                part[start + i] += double.CreateTruncating(s1);
                part[channels + start + i] += double.CreateTruncating(s2);
            }
        }
    }
}

/// <summary>Per channel: the sum of dy and the sum of dy xhat.</summary>
internal sealed unsafe class BatchNormSumsKernel<T>(double epsilon, Shape shape) : CpuKernel
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ChannelSums _sums = new(shape, 2);

    public override long WorkspaceBytes => _sums.WorkspaceBytes;

    public override void Run(in CpuCall call)
    {
        var moments = (T*)call.InputPointer(2);
        var body = new Body
        {
            Dy = (T*)call.InputPointer(0), X = (T*)call.InputPointer(1), Mean = moments,
            Sums = _sums, Workspace = (double*)call.WorkspacePointer,
        };
        Tiles.Run(call.Workers, _sums.Parts, ref body);
        _sums.Combine(body.Workspace);

        var y = (T*)call.OutputPointer;
        var channels = _sums.Channels;
        for (var c = 0; c < channels; c++)
        {
            var inverse = 1 / Math.Sqrt(double.CreateTruncating(moments[channels + c]) + epsilon);
            y[c] = T.CreateTruncating(body.Workspace[c]);
            y[channels + c] = T.CreateTruncating(body.Workspace[channels + c] * inverse);
        }
    }

    private struct Body : ITileBody
    {
        private const int RowsPerBlock = 64;

        public T* Dy, X, Mean;
        public ChannelSums Sums;
        public double* Workspace;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int tile, int worker)
        {
            var channels = Sums.Channels;
            var (first, last) = Sums.RowsOf(tile);
            var part = Sums.Part(Workspace, tile);
            for (var start = 0; start < channels; start += Vector<T>.Count)
            {
                var width = Math.Min(Vector<T>.Count, channels - start);
                for (var i = 0; i < width; i++) part[start + i] = part[channels + start + i] = 0;
                for (var row = first; row < last; row += RowsPerBlock)
                    Block(row, Math.Min(last, row + RowsPerBlock), start, width, part);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Block(long first, long last, int start, int width, double* part)
        {
            var channels = Sums.Channels;
            if (width == Vector<T>.Count)
            {
                var mean = Unsafe.ReadUnaligned<Vector<T>>(Mean + start);
                var (s1, s2) = (Vector<T>.Zero, Vector<T>.Zero);
                for (var row = first; row < last; row++)
                {
                    var dy = Unsafe.ReadUnaligned<Vector<T>>(Dy + row * channels + start);
                    s1 += dy;
                    s2 += dy * (Unsafe.ReadUnaligned<Vector<T>>(X + row * channels + start) - mean);
                }
                for (var i = 0; i < width; i++)
                {
                    part[start + i] += double.CreateTruncating(s1[i]);
                    part[channels + start + i] += double.CreateTruncating(s2[i]);
                }
                return;
            }
            for (var i = 0; i < width; i++)
            {
                T s1 = T.Zero, s2 = T.Zero, mean = Mean[start + i];
                for (var row = first; row < last; row++)
                {
                    var dy = Dy[row * channels + start + i];
                    s1 += dy;
                    s2 += dy * (X[row * channels + start + i] - mean);
                }
                part[start + i] += double.CreateTruncating(s1);
                part[channels + start + i] += double.CreateTruncating(s2);
            }
        }
    }
}
