using Codat.Native.Autograd;

namespace Codat.Native.Tests;

/// <summary>
/// A network of every kind of layer with SiLU instead of ReLU: first layer, batch norm, strides, a residual, pooling, a
/// hidden linear layer. Nothing in it has a kink, so rounding shows as rounding.
/// </summary>
internal static class SmoothNetwork
{
    private const int Images = 6, Side = 8, Width = 16, Classes = 5;

    public static string[] Names { get; } =
        ["logits", "image gradient", "conv1", "gamma", "beta", "conv2", "conv3", "hidden", "hidden bias", "last", "last bias"];

    /// <summary>Logits, then the gradients of the image and of every parameter.</summary>
    public static double[][] Run(Device device, PlanPrecision precision)
    {
        using var bench = new GraphBench(device, DType.Float32);
        var g = bench.Graph;
        var image = new Shape(Images, Side, Side, 3);
        var x = bench.Input(image, TestValues.Uniform(image.Count, 1, 0, 1));
        Node[] p =
        [
            Weights(bench, 2, Width, 3, 3, 3), bench.Input(new Shape(Width), TestValues.Uniform(Width, 3, 0.5, 1.5)),
            bench.Input(new Shape(Width), 4, 0.3), Weights(bench, 5, Width, 3, 3, Width), Weights(bench, 6, 2 * Width, 3, 3, Width),
            Weights(bench, 7, 2 * Width, 2 * Width), bench.Input(new Shape(2 * Width), 8, 0.1),
            Weights(bench, 9, Classes, 2 * Width), bench.Input(new Shape(Classes), 10, 0.1),
        ];
        var y = g.Conv2d(x, p[0], padding: 1);
        y = g.Silu(g.BatchNorm(y, g.BatchMoments(y), p[1], p[2]));
        y = g.Silu(g.Add(g.Conv2d(y, p[3], padding: 1), y));
        y = g.GlobalAvgPool(g.Silu(g.Conv2d(y, p[4], stride: 2, padding: 1)));
        y = g.Silu(g.Linear(y, p[5], p[6]));
        var logits = g.Linear(y, p[7], p[8], fullPrecision: true);
        var loss = g.Mean(g.SoftmaxCrossEntropy(logits, bench.Ints(TestValues.Labels(Images, Classes, 11))));
        return bench.Run(new PlanOptions { Precision = precision }, [logits, .. g.Gradients(loss, [x, .. p])]);
    }

    private static Node Weights(GraphBench bench, int seed, params int[] sizes)
    {
        var shape = new Shape(sizes);
        return bench.Input(shape, seed, Math.Sqrt(2.0 * sizes[0] / shape.Count));
    }
}
