using System.Numerics;
using System.Runtime.InteropServices;

namespace Codat.Native.Robust;

/// <summary>
/// The images an attack may reach: within a distance of one image, and in [0,1]. What it lets through is inside in
/// exact arithmetic, not up to rounding.
/// </summary>
internal sealed class ThreatBall(Norm norm, double epsilon, int pixels)
{
    private const double FirstRetreat = 1.0 / (1 << 22);

    private readonly float[] _low = new float[pixels];
    private readonly float[] _high = new float[pixels];
    private float[] _centre = [];

    public Norm Norm => norm;

    public double Epsilon => epsilon;

    /// <summary>Moves the ball; the array is kept, not copied.</summary>
    public void MoveTo(float[] centre)
    {
        _centre = centre;
        if (norm == Norm.L2) return;
        for (var i = 0; i < pixels; i++)
        {
            var (low, high) = ((float)(centre[i] - epsilon), (float)(centre[i] + epsilon));
            if (centre[i] - (double)low > epsilon) low = MathF.BitIncrement(low);
            if (high - (double)centre[i] > epsilon) high = MathF.BitDecrement(high);
            (_low[i], _high[i]) = (Math.Max(low, 0), Math.Min(high, 1));
        }
    }

    /// <summary>Brings an image back into the ball, then into [0,1].</summary>
    public void Project(Span<float> image)
    {
        if (norm == Norm.Linf)
        {
            Clamp(image);
            return;
        }
        var length = Distance(image);
        var scale = length > epsilon ? epsilon / length : 1;
        for (var i = 0; i < image.Length; i++)
            image[i] = Math.Clamp(_centre[i] + (float)(scale * ((double)image[i] - _centre[i])), 0, 1);
        // Clipping only brings it nearer; rounding may not have. A retreat smaller than the pixels' last places is
        // rounded away, so each is twice the one before.
        for (var retreat = FirstRetreat; (length = Distance(image)) > epsilon; retreat *= 2)
            Shrink(image, Math.Max(1 - retreat, 0) * (epsilon / length));
    }

    /// <summary>Distance from the centre.</summary>
    public double Distance(ReadOnlySpan<float> image) => Distance(norm, image, _centre);

    /// <summary>Distance of two images.</summary>
    public static double Distance(Norm norm, ReadOnlySpan<float> image, ReadOnlySpan<float> other)
    {
        double result = 0;
        for (var i = 0; i < image.Length; i++)
        {
            var d = (double)image[i] - other[i];
            result = norm == Norm.Linf ? Math.Max(result, Math.Abs(d)) : result + d * d;
        }
        return norm == Norm.Linf ? result : Math.Sqrt(result);
    }

    /// <summary>
    /// Scales a change so that it reaches the edge of the ball: its largest component, or its length, is epsilon.
    /// </summary>
    public void ToEdge(Span<float> change)
    {
        double size = 0;
        foreach (var v in change)
            size = norm == Norm.Linf ? Math.Max(size, Math.Abs((double)v)) : size + (double)v * v;
        if (norm == Norm.L2) size = Math.Sqrt(size);
        if (!(size > 0)) return;
        foreach (ref var v in change) v = (float)(v * (epsilon / size));
    }

    private void Shrink(Span<float> image, double scale)
    {
        for (var i = 0; i < image.Length; i++)
            image[i] = _centre[i] + (float)(scale * ((double)image[i] - _centre[i]));
    }

    private void Clamp(Span<float> image)
    {
        var values = MemoryMarshal.Cast<float, Vector<float>>(image);
        var low = MemoryMarshal.Cast<float, Vector<float>>(_low.AsSpan());
        var high = MemoryMarshal.Cast<float, Vector<float>>(_high.AsSpan());
        for (var i = 0; i < values.Length; i++) values[i] = Vector.Max(Vector.Min(values[i], high[i]), low[i]);
        for (var i = values.Length * Vector<float>.Count; i < image.Length; i++)
            image[i] = Math.Max(Math.Min(image[i], _high[i]), _low[i]);
    }
}
