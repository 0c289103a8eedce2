using Codat.Native.Autograd;
using Codat.Native.Autograd.Cpu;
using NUnit.Framework;

namespace Codat.Native.Tests;

/// <summary>Convolutions by the library against those by our own simple kernels, on the device itself.</summary>
[CudaFixture]
internal sealed class CudaConvLibraryTests
{
    private const double Tolerance = 1e-5;

    // Height, width, channels in and out, filter, stride; none is one of our own kernel for first layers.
    private static readonly int[][] s_sizes =
        [[8, 8, 8, 16, 3, 1], [9, 7, 16, 8, 3, 2], [6, 6, 8, 8, 1, 1], [8, 8, 16, 32, 1, 2], [7, 9, 4, 12, 5, 1], [5, 6, 5, 7, 3, 1]];

    [TestCaseSource(nameof(s_sizes))]
    public void Forward_ByTheLibrary_IsThatOfThePlainKernel(int height, int width, int channels, int filters, int size, int stride)
    {
        var conv = Shape(height, width, channels, filters, size, stride);
        Compare(conv, ConvDirection.Forward, conv.Result(), b => [b.Input(conv.Image(), 1), b.Input(conv.Weights(), 2, 0.2)],
            new Conv2dOp(stride, stride, conv.PadH, conv.PadW));
    }

    [TestCaseSource(nameof(s_sizes))]
    public void InputGradient_ByTheLibrary_IsThatOfThePlainKernel(int height, int width, int channels, int filters, int size, int stride)
    {
        var conv = Shape(height, width, channels, filters, size, stride);
        Compare(conv, ConvDirection.InputGradient, conv.Image(), b => [b.Input(conv.Result(), 1), b.Input(conv.Weights(), 2, 0.2)],
            new Conv2dInputGradOp(stride, stride, conv.PadH, conv.PadW, height, width));
    }

    [TestCaseSource(nameof(s_sizes))]
    public void WeightGradient_ByTheLibrary_IsThatOfThePlainKernel(int height, int width, int channels, int filters, int size, int stride)
    {
        var conv = Shape(height, width, channels, filters, size, stride);
        Compare(b => [b.Input(conv.Image(), 1), b.Input(conv.Result(), 2)],
            new Conv2dWeightGradOp(stride, stride, conv.PadH, conv.PadW, size, size), new OwnConvWeightGradOp(conv));
    }

    private static void Compare(ConvShape conv, ConvDirection direction, Shape result, Func<GraphBench, Node[]> inputs, Op library)
    {
        Assert.That(StemConv.Fits(conv), Is.False, "a shape of our own kernel says nothing about the library");
        Compare(inputs, library, new OwnConvOp(direction, conv, default, result, IsStem: false));
    }

    private static void Compare(Func<GraphBench, Node[]> inputs, Op library, Op plain)
    {
        using var device = CudaTestDevice.CreateDevice();
        using var bench = new GraphBench(device, DType.Float32);
        var nodes = inputs(bench);

        var values = bench.Run(null, bench.Graph.Apply(library, nodes), bench.Graph.Apply(plain, nodes));

        var (found, expected) = (values[0], values[1]);
        var norm = Math.Sqrt(expected.Sum(v => v * v));
        Assert.That(norm, Is.GreaterThan(1), "numbers to compare");
        Assert.That(Math.Sqrt(found.Zip(expected, (a, b) => (a - b) * (a - b)).Sum()), Is.LessThanOrEqualTo(Tolerance * norm));
    }

    private static ConvShape Shape(int height, int width, int channels, int filters, int size, int stride) =>
        new(height, width, channels, size, size, filters, stride, stride, size / 2, size / 2);
}

/// <summary>The tensors of a convolution of two images.</summary>
internal static class ConvShapeTensors
{
    private const int Images = 2;

    public static Shape Image(this ConvShape s) => new(Images, s.Height, s.Width, s.InChannels);

    public static Shape Weights(this ConvShape s) => new(s.OutChannels, s.KernelHeight, s.KernelWidth, s.InChannels);

    public static Shape Result(this ConvShape s) => new(Images, s.OutHeight, s.OutWidth, s.OutChannels);
}
