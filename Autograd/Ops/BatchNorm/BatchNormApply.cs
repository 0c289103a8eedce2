using System.Numerics;
using System.Runtime.CompilerServices;

namespace Codat.Native.Autograd;

/// <summary>What an affine pass does besides multiplying.</summary>
internal readonly record struct AffineKind(bool Residual, bool Relu, bool Mask, bool Shift);

/// <summary>
/// One pass of y = x a + b per channel, with residual, ReLU or mask: the tail of every batch norm kernel.
/// </summary>
internal unsafe struct AffineBody<T> : ITileBody where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public T* X, Y, Scale, Shift, Residual, Mask;
    public bool Relu;
    public int Channels;
    public int RowsPerTile;
    public long Rows;

    public static int RowsFor(int channels) => Math.Max(1, 4 * Tiles.Elements / Math.Max(1, channels));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int tile, int worker)
    {
        var first = (long)tile * RowsPerTile;
        var last = Math.Min(Rows, first + RowsPerTile);
        for (var row = first; row < last; row++)
        {
            var at = row * Channels;
            var c = 0;
            for (; c <= Channels - Vector<T>.Count; c += Vector<T>.Count)
            {
                var y = Unsafe.ReadUnaligned<Vector<T>>(X + at + c) * Unsafe.ReadUnaligned<Vector<T>>(Scale + c);
                if (Shift != null) y += Unsafe.ReadUnaligned<Vector<T>>(Shift + c);
                if (Residual != null) y += Unsafe.ReadUnaligned<Vector<T>>(Residual + at + c);
                if (Relu) y = Vector.ConditionalSelect(Vector.LessThan(y, Vector<T>.Zero), Vector<T>.Zero, y);
                if (Mask != null)
                {
                    var keep = Vector.GreaterThan(Unsafe.ReadUnaligned<Vector<T>>(Mask + at + c), Vector<T>.Zero);
                    y = Vector.ConditionalSelect(keep, y, Vector<T>.Zero);
                }
                Unsafe.WriteUnaligned(Y + at + c, y);
            }
            for (; c < Channels; c++)
            {
                var y = X[at + c] * Scale[c];
                if (Shift != null) y += Shift[c];
                if (Residual != null) y += Residual[at + c];
                if (Relu && y < T.Zero) y = T.Zero;
                if (Mask != null && !(Mask[at + c] > T.Zero)) y = T.Zero;
                Y[at + c] = y;
            }
        }
    }
}

/// <summary>Batch norm with the batch's moments: the moments become one scale and one shift per channel.</summary>
internal sealed unsafe class NormaliseKernel<T>(BatchNormOp op, Shape shape) : CpuKernel
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public override long WorkspaceBytes => 2L * shape.Channels * sizeof(T);

    public override void Run(in CpuCall call)
    {
        var channels = shape.Channels;
        var moments = call.Input<T>(1);
        var gamma = call.Input<T>(2);
        var beta = call.Input<T>(3);
        var scale = (T*)call.WorkspacePointer;
        var shift = scale + channels;
        for (var c = 0; c < channels; c++)
        {
            var a = double.CreateTruncating(gamma[c])
                / Math.Sqrt(double.CreateTruncating(moments[channels + c]) + op.Epsilon);
            scale[c] = T.CreateTruncating(a);
            shift[c] = T.CreateTruncating(double.CreateTruncating(beta[c]) - double.CreateTruncating(moments[c]) * a);
        }
        var rows = AffineBody<T>.RowsFor(channels);
        var body = new AffineBody<T>
        {
            X = (T*)call.InputPointer(0), Y = (T*)call.OutputPointer, Scale = scale, Shift = shift, Relu = op.Relu,
            Residual = op.Residual ? (T*)call.InputPointer(4) : null, Channels = channels, RowsPerTile = rows,
            Rows = shape.Rows,
        };
        Tiles.Run(call.Workers, Tiles.Count(shape.Rows, rows), ref body);
    }
}

/// <summary>A ready affine map: x scale (+ shift) (+ residual), ReLU or mask.</summary>
internal sealed unsafe class AffineKernel<T>(Shape shape, AffineKind kind) : CpuKernel
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public override void Run(in CpuCall call)
    {
        var channels = shape.Channels;
        var affine = (T*)call.InputPointer(1);
        var rows = AffineBody<T>.RowsFor(channels);
        var body = new AffineBody<T>
        {
            X = (T*)call.InputPointer(0), Y = (T*)call.OutputPointer, Scale = affine,
            Shift = kind.Shift ? affine + channels : null,
            Relu = kind.Relu, Residual = kind.Residual ? (T*)call.InputPointer(2) : null,
            Mask = kind.Mask ? (T*)call.InputPointer(2) : null, Channels = channels, RowsPerTile = rows,
            Rows = shape.Rows,
        };
        Tiles.Run(call.Workers, Tiles.Count(shape.Rows, rows), ref body);
    }
}

/// <summary>The input gradient with batch statistics: dx = a dy + b x + c with per-channel a, b, c.</summary>
internal sealed unsafe class InputGradKernel<T>(double epsilon, Shape shape) : CpuKernel
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public override long WorkspaceBytes => 3L * shape.Channels * sizeof(T);

    public override void Run(in CpuCall call)
    {
        var channels = shape.Channels;
        double count = shape.Rows;
        var moments = call.Input<T>(2);
        var gamma = call.Input<T>(3);
        var sums = call.Input<T>(4);
        var a = (T*)call.WorkspacePointer;
        for (var c = 0; c < channels; c++)
        {
            var inverse = 1 / Math.Sqrt(double.CreateTruncating(moments[channels + c]) + epsilon);
            var scale = double.CreateTruncating(gamma[c]) * inverse;
            var slope = -scale * inverse * double.CreateTruncating(sums[channels + c]) / count;
            a[c] = T.CreateTruncating(scale);
            a[channels + c] = T.CreateTruncating(slope);
            a[2 * channels + c] = T.CreateTruncating(
                -scale * double.CreateTruncating(sums[c]) / count - slope * double.CreateTruncating(moments[c]));
        }
        var rows = AffineBody<T>.RowsFor(channels);
        var body = new Body
        {
            Dy = (T*)call.InputPointer(0), X = (T*)call.InputPointer(1), Dx = (T*)call.OutputPointer, A = a,
            Channels = channels, RowsPerTile = rows, Rows = shape.Rows,
        };
        Tiles.Run(call.Workers, Tiles.Count(shape.Rows, rows), ref body);
    }

    private struct Body : ITileBody
    {
        public T* Dy, X, Dx, A;
        public int Channels, RowsPerTile;
        public long Rows;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int tile, int worker)
        {
            var first = (long)tile * RowsPerTile;
            var last = Math.Min(Rows, first + RowsPerTile);
            for (var row = first; row < last; row++)
            {
                var at = row * Channels;
                var c = 0;
                for (; c <= Channels - Vector<T>.Count; c += Vector<T>.Count)
                {
                    var dx = Unsafe.ReadUnaligned<Vector<T>>(Dy + at + c) * Unsafe.ReadUnaligned<Vector<T>>(A + c)
                        + Unsafe.ReadUnaligned<Vector<T>>(X + at + c)
                            * Unsafe.ReadUnaligned<Vector<T>>(A + Channels + c)
                        + Unsafe.ReadUnaligned<Vector<T>>(A + 2 * Channels + c);
                    Unsafe.WriteUnaligned(Dx + at + c, dx);
                }
                for (; c < Channels; c++)
                    Dx[at + c] = Dy[at + c] * A[c] + X[at + c] * A[Channels + c] + A[2 * Channels + c];
            }
        }
    }
}
