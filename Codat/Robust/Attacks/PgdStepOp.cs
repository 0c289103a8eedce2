using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// One projected ascent step in place, fused: sign or normalise the gradient, step, project onto the ball around the
/// clean image, clip to [0,1]. Inputs: iterate (overwritten), gradient, clean images, all (N,...).
/// </summary>
/// <remarks>
/// sign(0) = 0; an l2 gradient is normalised per image and a zero one moves nothing. Madry et al. 2018, equation 2.
/// </remarks>
internal sealed partial record PgdStepOp(Norm Norm, double Epsilon, double Step) : Op, ICpuOp
{
    public override ReadOnlySpan<int> Mutates => [0];

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) =>
        inputs[0].Shape.Rank >= 2 && inputs[1] == inputs[0] && inputs[2] == inputs[0]
            ? inputs[0]
            : throw new ShapeException(
                $"{Name} needs iterate, gradient and clean images of one type, "
                + $"found {inputs[0]}, {inputs[1]}, {inputs[2]}");

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new Factory(this, signature.Output.Shape));

    private readonly struct Factory(PgdStepOp op, Shape shape) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> => new Kernel<T>(op, shape);
    }

    private sealed class Kernel<T>(PgdStepOp op, Shape shape) : CpuKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly int _run = checked((int)(shape.Count / Math.Max(1, shape[0])));
        private readonly T _epsilon = T.CreateTruncating(op.Epsilon);
        private readonly T _step = T.CreateTruncating(op.Step);

        public override void Run(in CpuCall call)
        {
            var x = call.Mutable<T>(0);
            var gradient = call.Input<T>(1);
            var clean = call.Input<T>(2);
            if (op.Norm == Norm.Linf)
            {
                Linf(x, gradient, clean);
                return;
            }
            for (var n = 0; n < shape[0]; n++)
                L2(x.Slice(n * _run, _run), gradient.Slice(n * _run, _run), clean.Slice(n * _run, _run));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Linf(Span<T> x, ReadOnlySpan<T> gradient, ReadOnlySpan<T> clean)
        {
            var vx = MemoryMarshal.Cast<T, Vector<T>>(x);
            var vg = MemoryMarshal.Cast<T, Vector<T>>(gradient);
            var vc = MemoryMarshal.Cast<T, Vector<T>>(clean);
            var (eps, step, zero, one) = (new Vector<T>(_epsilon), new Vector<T>(_step), Vector<T>.Zero, Vector<T>.One);
            for (var i = 0; i < vx.Length; i++)
            {
                var up = Vector.ConditionalSelect(Vector.GreaterThan(vg[i], zero), step, zero);
                var down = Vector.ConditionalSelect(Vector.LessThan(vg[i], zero), step, zero);
                var moved = vx[i] + (up - down);
                moved = Vector.Max(Vector.Min(moved, vc[i] + eps), vc[i] - eps);
                vx[i] = Vector.Max(Vector.Min(moved, one), zero);
            }
            for (var i = vx.Length * Vector<T>.Count; i < x.Length; i++)
            {
                var moved = x[i] + (gradient[i] > T.Zero ? _step : gradient[i] < T.Zero ? -_step : T.Zero);
                moved = T.Max(T.Min(moved, clean[i] + _epsilon), clean[i] - _epsilon);
                x[i] = T.Max(T.Min(moved, T.One), T.Zero);
            }
        }

        private void L2(Span<T> x, ReadOnlySpan<T> gradient, ReadOnlySpan<T> clean)
        {
            var norm = Norm2(gradient);
            if (norm > 0) Move(x, gradient, norm);
            TensorPrimitives.Subtract(x, clean, x);
            var length = Norm2(x);
            var scale = length > op.Epsilon ? T.CreateTruncating(op.Epsilon / length) : T.One;
            for (var i = 0; i < x.Length; i++) x[i] = T.Max(T.Min(clean[i] + scale * x[i], T.One), T.Zero);
        }

        private void Move(Span<T> x, ReadOnlySpan<T> gradient, double norm)
        {
            var factor = T.CreateTruncating(op.Step / norm);
            if (T.IsFinite(factor))
            {
                TensorPrimitives.MultiplyAdd(gradient, factor, x, x);
                return;
            }
            // A confident network's gradient can be so small that the factor overflows while the step itself does not.
            for (var i = 0; i < x.Length; i++)
                x[i] += T.CreateTruncating(op.Step * (double.CreateTruncating(gradient[i]) / norm));
        }

        private static double Norm2(ReadOnlySpan<T> values)
        {
            double square = 0;
            foreach (var v in values) square += double.CreateTruncating(v) * double.CreateTruncating(v);
            return Math.Sqrt(square);
        }
    }
}
