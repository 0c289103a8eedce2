using Codat.Native.Autograd.Cpu;

namespace Codat.Native.Perf;

/// <summary>A convolution of a reference network and the batch it usually sees.</summary>
internal readonly record struct ReferenceLayer(string Name, int Batch, ConvShape Shape);

/// <summary>
/// The convolutions of ResNet-18 (for 32 x 32 images), small-cnn and medium-cnn (for 28 x 28 images).
/// </summary>
internal static class ReferenceLayers
{
    public static ReferenceLayer[] All { get; } =
    [
        new("resnet 64@32", 32, Square(32, 64, 64, 3, 1)),
        new("resnet 128@16", 32, Square(16, 128, 128, 3, 1)),
        new("resnet 256@8", 32, Square(8, 256, 256, 3, 1)),
        new("resnet 512@4", 32, Square(4, 512, 512, 3, 1)),
        new("resnet 64-128 s2", 32, Square(32, 64, 128, 3, 2)),
        new("resnet 128-256 s2", 32, Square(16, 128, 256, 3, 2)),
        new("resnet 256-512 s2", 32, Square(8, 256, 512, 3, 2)),
        new("resnet 64-128 1x1", 32, Square(32, 64, 128, 1, 2)),
        new("resnet 128-256 1x1", 32, Square(16, 128, 256, 1, 2)),
        new("resnet 256-512 1x1", 32, Square(8, 256, 512, 1, 2)),
        new("resnet stem 3-64", 32, Square(32, 3, 64, 3, 1)),
        new("small 1-16@28", 128, Square(28, 1, 16, 3, 1)),
        new("small 16-32@14", 128, Square(14, 16, 32, 3, 1)),
        new("small 32-64@7", 128, Square(7, 32, 64, 3, 1)),
        new("medium 1-32@28", 128, Square(28, 1, 32, 3, 1)),
        new("medium 32-32@28", 128, Square(28, 32, 32, 3, 1)),
        new("medium 32-64@14", 128, Square(14, 32, 64, 3, 1)),
        new("medium 64-64@14", 128, Square(14, 64, 64, 3, 1)),
    ];

    private static ConvShape Square(int size, int inChannels, int outChannels, int kernel, int stride) =>
        new(size, size, inChannels, kernel, kernel, outChannels, stride, stride, kernel / 2, kernel / 2);
}
