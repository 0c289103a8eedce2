using Codat.Native.Autograd;
using Codat.Native.Layers;

namespace Codat.Native.Tests;

/// <summary>Between PyTorch's orders (N,C,H,W), (K,C,R,S) and ours (N,H,W,C), (K,R,S,C); written apart from the
/// product's.</summary>
internal static class TorchOrder
{
    /// <summary>(N,C,H,W) to (N,H,W,C); filters likewise.</summary>
    public static double[] ChannelsLast(double[] values, int n, int c, int h, int w)
    {
        var result = new double[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var (x, y, k, image) = (i % w, i / w % h, i / (w * h) % c, i / (w * h * c));
            result[((image * h + y) * w + x) * c + k] = values[i];
        }

        Check(values.Length, n * c * h * w);
        return result;
    }

    /// <summary>(N,H,W,C) to (N,C,H,W); filters likewise.</summary>
    public static double[] ChannelsFirst(double[] values, int n, int h, int w, int c)
    {
        var result = new double[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var (k, x, y, image) = (i % c, i / c % w, i / (c * w) % h, i / (c * w * h));
            result[((image * c + k) * h + y) * w + x] = values[i];
        }

        Check(values.Length, n * c * h * w);
        return result;
    }

    /// <summary>The sizes that PyTorch gives a parameter.</summary>
    public static int[] ShapeOf(Parameter parameter)
    {
        var shape = parameter.Shape;
        var sizes = new int[shape.Rank];
        for (var i = 0; i < sizes.Length; i++) sizes[i] = shape[i];
        return shape.Rank == 4 ? [shape[0], shape[3], shape[1], shape[2]] : sizes;
    }

    /// <summary>A parameter's values, or gradients, from PyTorch's order to ours.</summary>
    public static double[] FromTorch(Parameter parameter, double[] values)
    {
        var s = parameter.Shape;
        if (parameter.Flattened is { } f) return ChannelsLast(values, s[0], f[2], f[0], f[1]);
        return s.Rank == 4 ? ChannelsLast(values, s[0], s[3], s[1], s[2]) : values;
    }

    /// <summary>A parameter's values, or gradients, from our order to PyTorch's.</summary>
    public static double[] ToTorch(Parameter parameter, double[] values)
    {
        var s = parameter.Shape;
        if (parameter.Flattened is { } f) return ChannelsFirst(values, s[0], f[0], f[1], f[2]);
        return s.Rank == 4 ? ChannelsFirst(values, s[0], s[1], s[2], s[3]) : values;
    }

    /// <summary>Images or activations (N,H,W,C) of a shape to PyTorch's order.</summary>
    public static double[] ToTorch(Shape shape, double[] values) =>
        ChannelsFirst(values, shape[0], shape[1], shape[2], shape[3]);

    private static void Check(int found, int expected)
    {
        if (found != expected) throw new ArgumentException($"{found} values for {expected} places.");
    }
}
