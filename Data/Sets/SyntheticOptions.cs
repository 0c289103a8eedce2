using System.Globalization;

namespace Codat.Native.Data;

/// <summary>What <see cref="SyntheticDataset"/> generates.</summary>
public sealed record SyntheticOptions
{
    /// <summary>Ten classes of 28x28 grey, 4,000 training and 1,000 test images.</summary>
    public static SyntheticOptions Default { get; } = new();

    /// <summary>Number of classes, 2 to 100.</summary>
    public int Classes { get; init; } = 10;

    /// <summary>Shape of an image.</summary>
    public ImageShape Shape { get; init; } = new(28, 28, 1);

    /// <summary>Images in the training split; classes take turns.</summary>
    public int TrainCount { get; init; } = 4000;

    /// <summary>Images in the test split; classes take turns.</summary>
    public int TestCount { get; init; } = 1000;

    /// <summary>Seed of every image.</summary>
    public ulong Seed { get; init; }

    internal string[] CreateClassNames()
    {
        var names = new string[Classes];
        for (int k = 0; k < names.Length; k++) names[k] = string.Create(CultureInfo.InvariantCulture, $"stripes-{k}");
        return names;
    }
}
