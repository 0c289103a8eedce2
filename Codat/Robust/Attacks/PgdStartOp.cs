using System.Numerics;
using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// The first iterate of an attack: the clean image plus a start inside the ball, clipped to [0,1]. Inputs: clean images
/// (N,...), int32 sample ids (N), int32 counters (2): epoch, restart; then, where images have budgets of their own,
/// those of <see cref="AttackBudget"/>, a factor of the radius.
/// </summary>
/// <remarks>
/// Uniform is uniform in the box (linf) or in the ball (l2); gaussian is 0.001 times a normal number (TRADES).
/// </remarks>
internal sealed partial record PgdStartOp(
    Norm Norm, double Epsilon, AttackStart Start, ulong Seed, RandomPurpose Purpose)
    : Op, ICpuOp
{
    private const double GaussianDeviation = 0.001;
    private const int Budget = 3;

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs)
    {
        var x = inputs[0];
        if (x.Shape.Rank < 2 || inputs[1] != new TensorType(DType.Int32, new Shape(x.Shape[0]))
            || inputs[2] != new TensorType(DType.Int32, new Shape(2)) || !AttackBudget.Fits(inputs, Budget, x.Shape[0]))
            throw new ShapeException(
                $"{Name} needs images (N,...), int32 ids (N) and counters (2), and budgets (2,R) and columns (N) or "
                + $"neither, found {string.Join(", ", inputs.ToArray())}");
        return x;
    }

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new Factory(this, signature));

    private readonly struct Factory(PgdStartOp op, OpSignature signature) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            new Kernel<T>(op, signature);
    }

    private sealed class Kernel<T>(PgdStartOp op, OpSignature signature) : CpuKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private const uint RadiusElement = uint.MaxValue;

        private readonly int _images = signature.Output.Shape[0];
        private readonly int _run =
            checked((int)(signature.Output.Shape.Count / Math.Max(1, signature.Output.Shape[0])));
        private readonly bool _isBudgeted = signature.InputCount > Budget;

        public override void Run(in CpuCall call)
        {
            var ids = call.Input<int>(1);
            var counters = call.Input<int>(2);
            for (var n = 0; n < _images; n++)
            {
                var clean = call.Input<T>(0).Slice(n * _run, _run);
                var start = call.Output<T>().Slice(n * _run, _run);
                var radius = _isBudgeted ? op.Epsilon * AttackBudget.Of(call, Budget, n).Radius : op.Epsilon;
                Fill(clean, start, radius, (uint)ids[n], (uint)counters[0], Philox.Use(op.Purpose, counters[1]));
            }
        }

        private void Fill(ReadOnlySpan<T> clean, Span<T> start, double epsilon, uint id, uint epoch, uint use)
        {
            switch (op.Start)
            {
                case AttackStart.Zero:
                    clean.CopyTo(start);
                    break;
                case AttackStart.Uniform when op.Norm == Norm.Linf:
                    Box(clean, start, epsilon, id, epoch, use);
                    break;
                case AttackStart.Uniform:
                    Ball(clean, start, epsilon, id, epoch, use);
                    break;
                default:
                    Normals(start, id, epoch, use);
                    var deviation = T.CreateTruncating(GaussianDeviation);
                    for (var i = 0; i < start.Length; i++) start[i] = Clip(clean[i] + deviation * start[i]);
                    break;
            }
        }

        private void Box(ReadOnlySpan<T> clean, Span<T> start, double epsilon, uint id, uint epoch, uint use)
        {
            var eps = T.CreateTruncating(epsilon);
            Span<uint> words = stackalloc uint[4];
            for (var i = 0; i < start.Length; i += 4)
            {
                Philox.Next(
                    op.Seed, id, epoch, use, (uint)(i / 4), out words[0], out words[1], out words[2], out words[3]);
                for (var j = 0; j < 4 && i + j < start.Length; j++)
                    start[i + j] = Clip(clean[i + j] + eps * T.CreateTruncating(2 * Philox.Uniform(words[j]) - 1));
            }
        }

        private void Ball(ReadOnlySpan<T> clean, Span<T> start, double epsilon, uint id, uint epoch, uint use)
        {
            Normals(start, id, epoch, use);
            double square = 0;
            foreach (var v in start) square += double.CreateTruncating(v) * double.CreateTruncating(v);
            Philox.Next(op.Seed, id, epoch, use, RadiusElement, out var word, out _, out _, out _);
            // The radius of a uniform point of a d-ball is u^(1/d).
            var radius = epsilon
                * Math.Pow((Philox.Uniform(word) * 16777216.0 + 0.5) / 16777216.0, 1.0 / start.Length);
            var scale = square > 0 ? T.CreateTruncating(radius / Math.Sqrt(square)) : T.Zero;
            for (var i = 0; i < start.Length; i++) start[i] = Clip(clean[i] + scale * start[i]);
        }

        private void Normals(Span<T> values, uint id, uint epoch, uint use)
        {
            for (var i = 0; i < values.Length; i += 4)
            {
                Philox.Next(op.Seed, id, epoch, use, (uint)(i / 4), out var a, out var b, out var c, out var d);
                var (n0, n1) = Philox.Normal(a, b);
                var (n2, n3) = Philox.Normal(c, d);
                ReadOnlySpan<double> four = [n0, n1, n2, n3];
                for (var j = 0; j < 4 && i + j < values.Length; j++) values[i + j] = T.CreateTruncating(four[j]);
            }
        }

        private static T Clip(T v) => v < T.Zero ? T.Zero : v > T.One ? T.One : v;
    }
}
