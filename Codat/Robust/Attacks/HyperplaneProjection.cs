namespace Codat.Native.Robust;

/// <summary>
/// The smallest change of a point of [0,1]^n that brings it onto a hyperplane without leaving the box, in the linf or
/// l2 norm; where the box does not reach the hyperplane, the change that comes nearest. Croce and Hein 2020 (arXiv
/// 1907.02044), section 2.2.
/// </summary>
/// <remarks>
/// A coordinate moves against its weight by min(s, room) in linf and by min(s |w|, room) in l2, and the scale s solves
/// a concave piecewise linear equation. Newton's method from below does that exactly: the coordinates that have used up
/// their room only become more, and the scale is right once they stay the same.
/// </remarks>
internal static class HyperplaneProjection
{
    /// <summary>Writes the change to <paramref name="change"/> and returns its norm.</summary>
    /// <param name="norm">The norm.</param>
    /// <param name="point">The point, in the box.</param>
    /// <param name="weights">The hyperplane's normal.</param>
    /// <param name="offset">The hyperplane's value at the point: weights times what lies on it minus the point is
    /// minus this.</param>
    /// <param name="change">Receives the change.</param>
    public static double Project(
        Norm norm, ReadOnlySpan<float> point, ReadOnlySpan<float> weights, double offset, Span<float> change)
    {
        var side = offset >= 0 ? 1f : -1f;
        var scale = Scale(norm, point, weights, Math.Abs(offset), side);
        double size = 0;
        for (var i = 0; i < point.Length; i++)
        {
            var w = side * weights[i];
            var length = w == 0 ? 0 : Math.Min(norm == Norm.Linf ? scale : scale * Math.Abs(w), Room(w, point[i]));
            change[i] = (float)(w > 0 ? -length : length);
            size = norm == Norm.Linf ? Math.Max(size, length) : size + length * length;
        }
        return norm == Norm.Linf ? size : Math.Sqrt(size);
    }

    /// <summary>How far a coordinate can move against its weight.</summary>
    private static double Room(float weight, float value) => weight > 0 ? value : 1.0 - value;

    private static double Scale(
        Norm norm, ReadOnlySpan<float> point, ReadOnlySpan<float> weights, double needed, float side)
    {
        double scale = 0;
        for (var full = -1; ;)
        {
            var (free, left, used) = (0.0, needed, 0);
            for (var i = 0; i < point.Length; i++)
            {
                double w = side * weights[i];
                if (w == 0) continue;
                var (size, room) = (Math.Abs(w), Room((float)w, point[i]));
                if (full >= 0 && (norm == Norm.Linf ? scale : scale * size) >= room)
                {
                    left -= size * room;
                    used++;
                }
                else
                {
                    free += norm == Norm.Linf ? size : w * w;
                }
            }
            if (used == full) return scale;
            full = used;
            if (!(free > 0)) return double.MaxValue; // the box ends before the hyperplane
            scale = Math.Max(scale, left / free);
        }
    }
}
