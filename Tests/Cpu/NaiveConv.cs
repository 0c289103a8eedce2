using Codat.Native.Autograd.Cpu;

namespace Codat.Native.Tests;

/// <summary>Convolution by its definition, in double precision.</summary>
internal static class NaiveConv
{
    public static double[] Forward(in ConvShape s, int n, double[] x, double[] w)
    {
        double[] y = new double[n * s.OutHeight * s.OutWidth * s.OutChannels];
        foreach ((int xi, int wi, int yi) in Terms(s, n))
        {
            y[yi] += x[xi] * w[wi];
        }

        return y;
    }

    public static double[] InputGradient(in ConvShape s, int n, double[] dy, double[] w)
    {
        double[] dx = new double[n * s.Height * s.Width * s.InChannels];
        foreach ((int xi, int wi, int yi) in Terms(s, n))
        {
            dx[xi] += dy[yi] * w[wi];
        }

        return dx;
    }

    public static double[] WeightGradient(in ConvShape s, int n, double[] x, double[] dy)
    {
        double[] dw = new double[s.WeightElements];
        foreach ((int xi, int wi, int yi) in Terms(s, n))
        {
            dw[wi] += dy[yi] * x[xi];
        }

        return dw;
    }

    // Every product of the convolution as (input index, weight index, output index).
    private static IEnumerable<(int X, int W, int Y)> Terms(ConvShape s, int n)
    {
        for (int image = 0; image < n; image++)
        {
            for (int oh = 0; oh < s.OutHeight; oh++)
            {
                for (int ow = 0; ow < s.OutWidth; ow++)
                {
                    for (int r = 0; r < s.KernelHeight; r++)
                    {
                        int h = (oh * s.StrideH) - s.PadH + r;
                        for (int q = 0; q < s.KernelWidth; q++)
                        {
                            int w = (ow * s.StrideW) - s.PadW + q;
                            if (h < 0 || h >= s.Height || w < 0 || w >= s.Width)
                            {
                                continue;
                            }

                            int x = ((image * s.Height + h) * s.Width + w) * s.InChannels;
                            int y = ((image * s.OutHeight + oh) * s.OutWidth + ow) * s.OutChannels;
                            for (int k = 0; k < s.OutChannels; k++)
                            {
                                int wi = ((k * s.KernelHeight + r) * s.KernelWidth + q) * s.InChannels;
                                for (int c = 0; c < s.InChannels; c++)
                                {
                                    yield return (x + c, wi + c, y + k);
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
