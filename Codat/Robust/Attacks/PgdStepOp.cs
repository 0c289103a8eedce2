using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Codat.Native.Autograd;

namespace Codat.Native.Robust;

/// <summary>
/// One projected ascent step in place, fused: sign or normalise the gradient, step, project onto the ball around the
/// clean image, clip to [0,1]. Inputs: iterate (overwritten), gradient, clean images, all (N,...); then, where images
/// have budgets of their own, those of <see cref="AttackBudget"/>, factors of radius and step.
/// </summary>
/// <remarks>
/// sign(0) = 0; an l2 gradient is normalised per image and a zero one moves nothing. Madry et al. 2018, equation 2.
/// </remarks>
internal sealed partial record PgdStepOp(Norm Norm, double Epsilon, double Step) : Op, ICpuOp
{
    private const int Budget = 3;

    public override ReadOnlySpan<int> Mutates => [0];

    public override TensorType Infer(ReadOnlySpan<TensorType> inputs) =>
        inputs[0].Shape.Rank >= 2 && inputs[1] == inputs[0] && inputs[2] == inputs[0]
        && AttackBudget.Fits(inputs, Budget, inputs[0].Shape[0])
            ? inputs[0]
            : throw new ShapeException(
                $"{Name} needs iterate, gradient and clean images of one type, and budgets (2,R) and columns (N) or "
                + $"neither, found {string.Join(", ", inputs.ToArray())}");

    public CpuKernel CreateCpuKernel(in OpSignature signature, CpuDevice device) =>
        FloatKernels.Create(signature.Output.Type, new Factory(this, signature));

    private readonly struct Factory(PgdStepOp op, OpSignature signature) : IFloatKernelFactory
    {
        public CpuKernel Create<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            new Kernel<T>(op, signature);
    }

    private sealed class Kernel<T>(PgdStepOp op, OpSignature signature) : CpuKernel
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly int _images = signature.Output.Shape[0];
        private readonly int _run =
            checked((int)(signature.Output.Shape.Count / Math.Max(1, signature.Output.Shape[0])));
        private readonly bool _isBudgeted = signature.InputCount > Budget;

        public override void Run(in CpuCall call)
        {
            var x = call.Mutable<T>(0);
            var gradient = call.Input<T>(1);
            var clean = call.Input<T>(2);
            if (op.Norm == Norm.Linf && !_isBudgeted)
            {
                Linf(x, gradient, clean, op.Epsilon, op.Step);
                return;
            }
            for (var n = 0; n < _images; n++)
            {
                var (wide, fast) = _isBudgeted ? AttackBudget.Of(call, Budget, n) : (1, 1);
                var (epsilon, step) = (op.Epsilon * wide, op.Step * fast);
                var own = new Range(n * _run, (n + 1) * _run);
                if (op.Norm == Norm.Linf) Linf(x[own], gradient[own], clean[own], epsilon, step);
                else L2(x[own], gradient[own], clean[own], epsilon, step);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Linf(
            Span<T> x, ReadOnlySpan<T> gradient, ReadOnlySpan<T> clean, double epsilon, double length)
        {
            var (radius, pace) = (T.CreateTruncating(epsilon), T.CreateTruncating(length));
            var vx = MemoryMarshal.Cast<T, Vector<T>>(x);
            var vg = MemoryMarshal.Cast<T, Vector<T>>(gradient);
            var vc = MemoryMarshal.Cast<T, Vector<T>>(clean);
            var (eps, step, zero, one) = (new Vector<T>(radius), new Vector<T>(pace), Vector<T>.Zero, Vector<T>.One);
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
                var moved = x[i] + (gradient[i] > T.Zero ? pace : gradient[i] < T.Zero ? -pace : T.Zero);
                moved = T.Max(T.Min(moved, clean[i] + radius), clean[i] - radius);
                x[i] = T.Max(T.Min(moved, T.One), T.Zero);
            }
        }

        private static void L2(
            Span<T> x, ReadOnlySpan<T> gradient, ReadOnlySpan<T> clean, double epsilon, double step)
        {
            var norm = Norm2(gradient);
            if (norm > 0) Move(x, gradient, step, norm);
            TensorPrimitives.Subtract(x, clean, x);
            var length = Norm2(x);
            var scale = length > epsilon ? T.CreateTruncating(epsilon / length) : T.One;
            for (var i = 0; i < x.Length; i++) x[i] = T.Max(T.Min(clean[i] + scale * x[i], T.One), T.Zero);
        }

        private static void Move(Span<T> x, ReadOnlySpan<T> gradient, double step, double norm)
        {
            var factor = T.CreateTruncating(step / norm);
            if (T.IsFinite(factor))
            {
                TensorPrimitives.MultiplyAdd(gradient, factor, x, x);
                return;
            }
            // A confident network's gradient can be so small that the factor overflows while the step itself does not.
            for (var i = 0; i < x.Length; i++)
                x[i] += T.CreateTruncating(step * (double.CreateTruncating(gradient[i]) / norm));
        }

        private static double Norm2(ReadOnlySpan<T> values)
        {
            double square = 0;
            foreach (var v in values) square += double.CreateTruncating(v) * double.CreateTruncating(v);
            return Math.Sqrt(square);
        }
    }
}
