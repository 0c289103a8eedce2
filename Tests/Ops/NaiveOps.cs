namespace Codat.Native.Tests;

/// <summary>Ops as their definitions say, in double, over N,H,W,C and K,R,S,C: plain loops that share nothing with the kernels.</summary>
internal static class NaiveOps
{
    /// <summary>Sizes of a convolution.</summary>
    public readonly record struct Conv(int N, int H, int W, int C, int K, int R, int S, int StrideH, int StrideW, int PadH, int PadW)
    {
        public int OH => (H + 2 * PadH - R) / StrideH + 1;

        public int OW => (W + 2 * PadW - S) / StrideW + 1;

        /// <summary>Calls back with indices of output, input and weight for every product of the convolution.</summary>
        public void Products(Action<int, int, int> product)
        {
            for (var n = 0; n < N; n++)
                for (var oh = 0; oh < OH; oh++)
                    for (var ow = 0; ow < OW; ow++)
                        for (var k = 0; k < K; k++)
                            for (var r = 0; r < R; r++)
                                for (var s = 0; s < S; s++)
                                {
                                    var (h, w) = (oh * StrideH + r - PadH, ow * StrideW + s - PadW);
                                    if (h < 0 || h >= H || w < 0 || w >= W) continue;
                                    for (var c = 0; c < C; c++)
                                        product(((n * OH + oh) * OW + ow) * K + k, ((n * H + h) * W + w) * C + c,
                                            ((k * R + r) * S + s) * C + c);
                                }
        }
    }

    public static double[] Conv2d(Conv s, double[] x, double[] w)
    {
        var y = new double[s.N * s.OH * s.OW * s.K];
        s.Products((o, i, t) => y[o] += x[i] * w[t]);
        return y;
    }

    public static double[] ConvInputGradient(Conv s, double[] dy, double[] w)
    {
        var dx = new double[s.N * s.H * s.W * s.C];
        s.Products((o, i, t) => dx[i] += dy[o] * w[t]);
        return dx;
    }

    public static double[] ConvWeightGradient(Conv s, double[] x, double[] dy)
    {
        var dw = new double[s.K * s.R * s.S * s.C];
        s.Products((o, i, t) => dw[t] += x[i] * dy[o]);
        return dw;
    }

    public static double[] MatMul(int m, int n, int k, double[] a, double[] b, bool transposeA, bool transposeB)
    {
        var c = new double[m * n];
        for (var i = 0; i < m; i++)
            for (var j = 0; j < n; j++)
                for (var l = 0; l < k; l++) c[i * n + j] += (transposeA ? a[l * m + i] : a[i * k + l]) * (transposeB ? b[j * k + l] : b[l * n + j]);
        return c;
    }

    /// <summary>Maximum or mean over square windows; the mean divides by the whole window, padding included.</summary>
    public static double[] Pool(double[] x, bool max, (int N, int H, int W, int C) s, int size, int stride, int padding)
    {
        var (oh, ow) = ((s.H + 2 * padding - size) / stride + 1, (s.W + 2 * padding - size) / stride + 1);
        var y = new double[s.N * oh * ow * s.C];
        for (var o = 0; o < y.Length; o++)
        {
            var (c, column, row, n) = (o % s.C, o / s.C % ow, o / s.C / ow % oh, o / s.C / ow / oh);
            var result = max ? double.NegativeInfinity : 0;
            for (var i = 0; i < size; i++)
                for (var j = 0; j < size; j++)
                {
                    var (h, w) = (row * stride + i - padding, column * stride + j - padding);
                    if (h < 0 || h >= s.H || w < 0 || w >= s.W) continue;
                    var v = x[((n * s.H + h) * s.W + w) * s.C + c];
                    result = max ? Math.Max(result, v) : result + v / (size * size);
                }
            y[o] = result;
        }
        return y;
    }

    /// <summary>Mean and biased variance per channel, by two passes.</summary>
    public static double[] Moments(double[] x, int channels)
    {
        var moments = new double[2 * channels];
        double rows = x.Length / channels;
        for (var i = 0; i < x.Length; i++) moments[i % channels] += x[i] / rows;
        for (var i = 0; i < x.Length; i++)
        {
            var d = x[i] - moments[i % channels];
            moments[channels + i % channels] += d * d / rows;
        }
        return moments;
    }

    public static double[] BatchNorm(double[] x, double[] moments, double[] gamma, double[] beta, double epsilon)
    {
        var c = gamma.Length;
        var y = new double[x.Length];
        for (var i = 0; i < x.Length; i++)
            y[i] = (x[i] - moments[i % c]) / Math.Sqrt(moments[c + i % c] + epsilon) * gamma[i % c] + beta[i % c];
        return y;
    }

    public static double[] Softmax(double[] z)
    {
        var p = new double[z.Length];
        double max = double.NegativeInfinity, sum = 0;
        foreach (var v in z) max = Math.Max(max, v);
        for (var k = 0; k < z.Length; k++) sum += p[k] = Math.Exp(z[k] - max);
        for (var k = 0; k < z.Length; k++) p[k] /= sum;
        return p;
    }

    public static double[] CrossEntropy(double[] logits, int[] labels, double smoothing)
    {
        var classes = logits.Length / labels.Length;
        var loss = new double[labels.Length];
        for (var n = 0; n < labels.Length; n++)
        {
            var p = Softmax(logits[(n * classes)..((n + 1) * classes)]);
            for (var k = 0; k < classes; k++)
                loss[n] -= (smoothing / classes + (k == labels[n] ? 1 - smoothing : 0)) * Math.Log(p[k]);
        }
        return loss;
    }

    public static double[] Kl(double[] p, double[] q, int classes)
    {
        var kl = new double[p.Length / classes];
        for (var n = 0; n < kl.Length; n++)
        {
            var (a, b) = (Softmax(p[(n * classes)..((n + 1) * classes)]), Softmax(q[(n * classes)..((n + 1) * classes)]));
            for (var k = 0; k < classes; k++) kl[n] += a[k] * (Math.Log(a[k]) - Math.Log(b[k]));
        }
        return kl;
    }

    public static double[] Margin(double[] logits, int[] labels)
    {
        var classes = logits.Length / labels.Length;
        var margin = new double[labels.Length];
        for (var n = 0; n < labels.Length; n++)
        {
            var best = double.NegativeInfinity;
            for (var k = 0; k < classes; k++)
                if (k != labels[n]) best = Math.Max(best, logits[n * classes + k]);
            margin[n] = best - logits[n * classes + labels[n]];
        }
        return margin;
    }

    public static double[] ArgMax(double[] logits, int classes)
    {
        var index = new double[logits.Length / classes];
        for (var n = 0; n < index.Length; n++)
            for (var k = 1; k < classes; k++)
                if (logits[n * classes + k] > logits[n * classes + (int)index[n]]) index[n] = k;
        return index;
    }

    /// <summary>PyTorch's rule, element by element; returns weights and velocity.</summary>
    public static (double[] W, double[] V) Sgd(double[] w, double[] v, double[] g, double rate, double momentum, double decay, bool nesterov)
    {
        var (w1, v1) = (new double[w.Length], new double[w.Length]);
        for (var i = 0; i < w.Length; i++)
        {
            var d = g[i] + decay * w[i];
            v1[i] = momentum * v[i] + d;
            w1[i] = w[i] - rate * (nesterov ? d + momentum * v1[i] : v1[i]);
        }
        return (w1, v1);
    }

    public static double[] Map(double[] x, Func<double, double> f) => Array.ConvertAll(x, v => f(v));

    public static double[] Zip(double[] x, double[] y, Func<double, double, double> f)
    {
        var z = new double[x.Length];
        for (var i = 0; i < z.Length; i++) z[i] = f(x[i], y[i]);
        return z;
    }
}
