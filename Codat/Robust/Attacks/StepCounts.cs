using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Codat.Native.Robust;

/// <summary>What is counted of one image at one step of an attack, over its values.</summary>
internal static class StepCounts
{
    /// <summary>
    /// A change this near to the radius is at the bound: what adding and taking away a pixel rounds off is less.
    /// </summary>
    public const double Slack = 1e-6;

    /// <summary>
    /// Values of a point that lie at the bound of the ball around an image: in linf those moved by the radius; in l2
    /// all of them or none, by the length of the change.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int AtBound<T>(ReadOnlySpan<T> point, ReadOnlySpan<T> clean, Norm norm, double epsilon)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (norm == Norm.L2) return Length(point, clean) >= epsilon - Slack ? point.Length : 0;
        var bound = T.CreateTruncating(epsilon - Slack);
        var points = MemoryMarshal.Cast<T, Vector<T>>(point);
        var centres = MemoryMarshal.Cast<T, Vector<T>>(clean);
        var (limit, sum) = (new Vector<T>(bound), Vector<T>.Zero);
        for (var i = 0; i < points.Length; i++)
            sum += One(Vector.GreaterThanOrEqual(Vector.Abs(points[i] - centres[i]), limit));
        var count = int.CreateTruncating(Vector.Sum(sum));
        for (var i = points.Length * Vector<T>.Count; i < point.Length; i++)
            if (T.Abs(point[i] - clean[i]) >= bound) count++;
        return count;
    }

    /// <summary>
    /// Values of a gradient that are zero, that are no finite numbers, and that have another sign than the gradient
    /// before it; then keeps the gradient as the one before.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (int Zeros, int NonFinite, int Flips) Gradient<T>(ReadOnlySpan<T> gradient, Span<T> before)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var now = MemoryMarshal.Cast<T, Vector<T>>(gradient);
        var then = MemoryMarshal.Cast<T, Vector<T>>(before);
        var zero = Vector<T>.Zero;
        var (zeros, finite, flips) = (zero, zero, zero); // whole numbers, exact in T as an image has few values
        for (var i = 0; i < now.Length; i++)
        {
            var (g, p) = (now[i], then[i]);
            zeros += One(Vector.Equals(g, zero));
            finite += One(Vector.Equals(g - g, zero));
            flips += One((Vector.GreaterThan(g, zero) & Vector.LessThan(p, zero))
                | (Vector.LessThan(g, zero) & Vector.GreaterThan(p, zero)));
            then[i] = g;
        }
        var first = now.Length * Vector<T>.Count;
        var result = (Zeros: Sum(zeros), NonFinite: first - Sum(finite), Flips: Sum(flips));
        for (var i = first; i < gradient.Length; i++)
        {
            var (g, p) = (gradient[i], before[i]);
            if (g == T.Zero) result.Zeros++;
            if (!T.IsFinite(g)) result.NonFinite++;
            if ((g > T.Zero && p < T.Zero) || (g < T.Zero && p > T.Zero)) result.Flips++;
            before[i] = g;
        }
        return result;
    }

    private static Vector<T> One<T>(Vector<T> mask) where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Vector.ConditionalSelect(mask, Vector<T>.One, Vector<T>.Zero);

    private static int Sum<T>(Vector<T> values) where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        int.CreateTruncating(Vector.Sum(values));

    private static double Length<T>(ReadOnlySpan<T> point, ReadOnlySpan<T> clean)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double square = 0;
        for (var i = 0; i < point.Length; i++)
        {
            var d = double.CreateTruncating(point[i] - clean[i]);
            square += d * d;
        }
        return Math.Sqrt(square);
    }
}
