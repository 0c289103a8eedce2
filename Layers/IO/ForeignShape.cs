using Codat.Native.Interop;

namespace Codat.Native.Layers;

/// <summary>The image shape that a file without metadata implies by its first layer.</summary>
internal static class ForeignShape
{
    private const int DefaultSide = 32;
    private const int GreySide = 28;
    private const int ColourChannels = 3;

    /// <summary>Height, width and channels.</summary>
    /// <exception cref="CodatException">The first layer is missing or fits no image.</exception>
    public static (int Height, int Width, int Channels) Infer(WeightNames names, string path, string model)
    {
        if (model == "mlp") return OfFlattened(First(names, path, model, "fc1.weight", rank: 2).Shape[1], path);
        var channels = checked((int)First(names, path, model, "conv1.weight", rank: 4).Shape[1]);
        var side = channels == 1 ? GreySide : DefaultSide;
        if (model == "medium-cnn")
        {
            // Two poolings, 64 channels: the columns of fc1 are (side / 4)^2 64.
            var columns = First(names, path, model, "fc1.weight", rank: 2).Shape[1];
            side = 4 * Root(columns / 64);
            if (columns != side * (long)side * 4) throw NoImage(path, "fc1.weight", columns);
        }

        return (side, side, channels);
    }

    private static (int Height, int Width, int Channels) OfFlattened(long columns, string path)
    {
        foreach (var channels in new[] { 1, ColourChannels })
        {
            var side = Root(columns / channels);
            if (side > 0 && columns == (long)side * side * channels) return (side, side, channels);
        }

        throw NoImage(path, "fc1.weight", columns);
    }

    private static int Root(long square) => (int)Math.Round(Math.Sqrt(square));

    private static SafeTensorEntry First(WeightNames names, string path, string model, string name, int rank) =>
        names.Entries.TryGetValue(name, out var entry) && entry.Shape.Count == rank && entry.Elements > 0
            ? entry
            : throw new CodatException($"The file is not a {model}", path, $"a tensor {name} of rank {rank}",
                entry is null ? "none" : entry.ShapeText, "check the model's name");

    private static CodatException NoImage(string path, string name, long columns) =>
        new("The image size cannot be told from the weights", $"{path}, {name}", "columns of a square image",
            $"{columns}", "give height, width and channels");
}
