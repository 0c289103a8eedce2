namespace Codat.Native.Tests;

/// <summary>Operations as they are defined, in double, N C H W: what the recordings are checked with.</summary>
internal static class NaiveReference
{
    /// <summary>Extents of a convolution or pooling window sliding over an image batch.</summary>
    public readonly record struct Window(
        int Batch, int Channels, int Height, int Width, int KernelHeight, int KernelWidth, int Stride, int Padding)
    {
        public int OutHeight => (Height + 2 * Padding - KernelHeight) / Stride + 1;

        public int OutWidth => (Width + 2 * Padding - KernelWidth) / Stride + 1;

        public int InputIndex(int n, int c, int y, int x) => ((n * Channels + c) * Height + y) * Width + x;

        public bool Contains(int y, int x) => y >= 0 && y < Height && x >= 0 && x < Width;
    }

    /// <summary>y and, from dy, dx, dw and db of a convolution with bias.</summary>
    public static (double[] Y, double[] Dx, double[] Dw, double[] Db) Convolution(
        Window size, int filters, double[] x, double[] w, double[] b, Func<int, double[]> makeDy)
    {
        var plane = size.OutHeight * size.OutWidth;
        var y = new double[size.Batch * filters * plane];
        var dy = makeDy(y.Length);
        var (dx, dw, db) = (new double[x.Length], new double[w.Length], new double[b.Length]);
        for (var o = 0; o < y.Length; o++)
        {
            var (ox, oy) = (o % size.OutWidth, o / size.OutWidth % size.OutHeight);
            var (k, n) = (o / plane % filters, o / (plane * filters));
            var sum = b[k];
            db[k] += dy[o];
            foreach (var (input, tap) in Taps(size, n, oy, ox))
            {
                var weight = k * size.Channels * size.KernelHeight * size.KernelWidth + tap;
                sum += x[input] * w[weight];
                dx[input] += dy[o] * w[weight];
                dw[weight] += dy[o] * x[input];
            }

            y[o] = sum;
        }

        return (y, dx, dw, db);
    }

    /// <summary>y and dx of max pooling; the first maximum in scan order gets the gradient.</summary>
    public static (double[] Y, double[] Dx) MaxPool(Window size, double[] x, Func<int, double[]> makeDy)
    {
        var plane = size.OutHeight * size.OutWidth;
        var y = new double[size.Batch * size.Channels * plane];
        var dy = makeDy(y.Length);
        var dx = new double[x.Length];
        for (var o = 0; o < y.Length; o++)
        {
            var (ox, oy, c, n) = (o % size.OutWidth, o % plane / size.OutWidth, o / plane % size.Channels,
                o / (plane * size.Channels));
            var best = -1;
            foreach (var (input, tap) in Taps(size, n, oy, ox))
            {
                if (tap / (size.KernelHeight * size.KernelWidth) == c && (best < 0 || x[input] > x[best]))
                    best = input;
            }

            y[o] = x[best];
            dx[best] += dy[o];
        }

        return (y, dx);
    }

    /// <summary>The logits of small-cnn in eval mode, from weights by name.</summary>
    public static double[] SmallCnn(int batch, int channels, int side, double[] images, Func<string, double[]> weight)
    {
        var x = images;
        var (c, s) = (channels, side);
        foreach (var (layer, filters, pool) in new[] { ("conv1", 16, true), ("conv2", 32, true), ("conv3", 64, false) })
        {
            var size = new Window(batch, c, s, s, 3, 3, 1, 1);
            x = Convolution(size, filters, x, weight(layer + ".weight"), weight(layer + ".bias"), Zeros).Y;
            for (var i = 0; i < x.Length; i++)
                x[i] = Math.Max(x[i], 0);
            c = filters;
            if (pool)
            {
                x = MaxPool(new Window(batch, c, s, s, 2, 2, 2, 0), x, Zeros).Y;
                s /= 2;
            }
        }

        var pooled = new double[batch * c];
        for (var i = 0; i < x.Length; i++)
            pooled[i / (s * s)] += x[i] / (s * s);
        var linear = new Window(batch, c, 1, 1, 1, 1, 1, 0);
        return Convolution(linear, 10, pooled, weight("linear.weight"), weight("linear.bias"), Zeros).Y;
    }

    /// <summary>-log softmax(row)[label].</summary>
    public static double CrossEntropy(ReadOnlySpan<double> row, int label)
    {
        var (largest, sum) = (double.NegativeInfinity, 0.0);
        foreach (var value in row)
            largest = Math.Max(largest, value);
        foreach (var value in row)
            sum += Math.Exp(value - largest);
        return Math.Log(sum) + largest - row[label];
    }

    private static double[] Zeros(int count) => new double[count];

    // The inputs under a window, with the index of the filter tap (c, r, s) that meets them.
    private static IEnumerable<(int Input, int Tap)> Taps(Window size, int n, int oy, int ox)
    {
        var tap = 0;
        for (var c = 0; c < size.Channels; c++)
        {
            for (var r = 0; r < size.KernelHeight; r++)
            {
                for (var s = 0; s < size.KernelWidth; s++, tap++)
                {
                    var (y, x) = (oy * size.Stride + r - size.Padding, ox * size.Stride + s - size.Padding);
                    if (size.Contains(y, x))
                        yield return (size.InputIndex(n, c, y, x), tap);
                }
            }
        }
    }
}
