namespace Codat.Native.Robust;

/// <summary>
/// The change of a window in l2: two lobes of opposite sign, each falling off from its middle. Andriushchenko et al.
/// 2020 (arXiv 1912.00049), section 3.3 and algorithm 3.
/// </summary>
internal sealed class SquarePattern(int height, int width, int channels)
{
    private readonly double[] _values = new double[Math.Max(height, width) * Math.Max(height, width)];
    private int _side;

    /// <summary>Draws the pattern, of length 1, for a window; upright or lying.</summary>
    public void Draw(int side, bool isUpright)
    {
        _side = side;
        var half = side / 2;
        double square = 0;
        for (var r = 0; r < side; r++)
            for (var s = 0; s < side; s++)
            {
                var value = r < half ? Lobe(r, s, half, side) : -Lobe(r - half, s, side - half, side);
                _values[isUpright ? r * side + s : s * side + r] = value;
                square += value * value;
            }
        for (var i = 0; i < side * side; i++) _values[i] /= Math.Sqrt(square);
    }

    /// <summary>Adds the pattern to a channel of an image, in a window that lies within.</summary>
    public void Add(float[] image, int top, int left, int channel, float sign)
    {
        for (var r = 0; r < _side; r++)
            for (var s = 0; s < _side; s++)
                image[At(top + r, left + s, channel)] += (float)(sign * _values[r * _side + s]);
    }

    /// <summary>
    /// Moves the change of a channel: what a second window has goes to the first, in the direction of its own change
    /// plus the pattern.
    /// </summary>
    /// <param name="change">The image's change.</param>
    /// <param name="to">Top left corner of the window that is written.</param>
    /// <param name="from">Top left corner of the window that is cleared.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="sign">Sign of the pattern.</param>
    /// <param name="spare">Squared length that the image may still gain in this channel.</param>
    public void Move(float[] change, (int Top, int Left) to, (int Top, int Left) from, int channel, float sign,
        double spare)
    {
        var own = Square(change, to, channel);
        var both = own + Square(change, from, channel) - Shared(change, to, from, channel);
        var unit = 1 / (1e-12 + Math.Sqrt(own));
        double square = 0;
        for (var r = 0; r < _side; r++)
            for (var s = 0; s < _side; s++)
            {
                var value = sign * _values[r * _side + s] + change[At(to.Top + r, to.Left + s, channel)] * unit;
                square += value * value;
            }
        var scale = Math.Sqrt(spare + Math.Max(both, 0)) / (1e-12 + Math.Sqrt(square));
        // The windows may overlap: what is written must not be cleared, what is read must not be written.
        for (var r = 0; r < _side; r++)
            for (var s = 0; s < _side; s++)
            {
                ref var value = ref change[At(to.Top + r, to.Left + s, channel)];
                value = (float)(scale * (sign * _values[r * _side + s] + value * unit));
            }
        for (var r = from.Top; r < from.Top + _side; r++)
            for (var s = from.Left; s < from.Left + _side; s++)
                if (!IsWithin(r, s, to)) change[At(r, s, channel)] = 0;
    }

    /// <summary>The sum of 1/k^2 over the rings that reach a place; rings are squares around the middle.</summary>
    private static double Lobe(int r, int s, int rows, int columns)
    {
        var ring = Math.Max(Math.Abs(r - rows / 2), Math.Abs(s - columns / 2));
        double sum = 0;
        for (var k = ring; k <= Math.Max(rows / 2, columns / 2); k++) sum += 1.0 / ((k + 1.0) * (k + 1));
        return sum;
    }

    private double Square(float[] change, (int Top, int Left) window, int channel)
    {
        double sum = 0;
        for (var r = window.Top; r < window.Top + _side; r++)
            for (var s = window.Left; s < window.Left + _side; s++)
            {
                double v = change[At(r, s, channel)];
                sum += v * v;
            }
        return sum;
    }

    private double Shared(float[] change, (int Top, int Left) a, (int Top, int Left) b, int channel)
    {
        double sum = 0;
        for (var r = a.Top; r < a.Top + _side; r++)
            for (var s = a.Left; s < a.Left + _side; s++)
            {
                if (!IsWithin(r, s, b)) continue;
                double v = change[At(r, s, channel)];
                sum += v * v;
            }
        return sum;
    }

    private bool IsWithin(int row, int column, (int Top, int Left) window) =>
        row >= window.Top && row < window.Top + _side && column >= window.Left && column < window.Left + _side;

    private int At(int row, int column, int channel) => (row * width + column) * channels + channel;
}
