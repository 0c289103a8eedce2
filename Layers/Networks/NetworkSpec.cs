using System.Globalization;
using Codat.Native.Interop;

namespace Codat.Native.Layers;

/// <summary>Everything that determines a network's structure and how it reads images.</summary>
/// <param name="Model">Architecture name: <c>small-cnn</c>, <c>medium-cnn</c>, <c>mlp</c>, <c>resnet18</c>, <c>preact-resnet18</c>, <c>wrn-D-W</c>.</param>
/// <param name="Height">Image height in pixels.</param>
/// <param name="Width">Image width in pixels.</param>
/// <param name="Channels">Image channels.</param>
/// <param name="Classes">Number of classes.</param>
public sealed record NetworkSpec(string Model, int Height, int Width, int Channels, int Classes)
{
    /// <summary>Mean of each channel, subtracted from images in [0,1]; zeros for none.</summary>
    public IReadOnlyList<float> Mean { get; init; } = new float[Channels];

    /// <summary>Standard deviation of each channel; ones for none.</summary>
    public IReadOnlyList<float> Std { get; init; } = Enumerable.Repeat(1f, Channels).ToArray();

    /// <summary>False for PreAct ResNet-18 files that lack the last batch norm.</summary>
    public bool FinalBatchNorm { get; init; } = true;

    /// <summary>The fixed architecture names; WideResNets of any depth 6n+4 and width are accepted besides.</summary>
    public static IReadOnlyList<string> KnownModels { get; } =
        ["small-cnn", "medium-cnn", "mlp", "resnet18", "preact-resnet18", "wrn-28-10", "wrn-34-10"];

    /// <summary>Builds the module tree.</summary>
    /// <exception cref="CodatException">The name is unknown or the sizes do not fit it.</exception>
    public Module CreateModule()
    {
        if (Height < 1 || Width < 1 || Channels < 1 || Classes < 2)
            throw new CodatException("network sizes are not valid", Model, "height, width, channels of at least 1, classes of at least 2",
                $"{Height}x{Width}x{Channels}, {Classes} classes");
        if (Mean.Count != Channels || Std.Count != Channels || Std.Any(s => !(s > 0)))
            throw new CodatException("mean and std do not fit the images", Model, $"{Channels} means and {Channels} positive deviations",
                $"{Mean.Count} and {Std.Count}");
        if (Model is "small-cnn" or "medium-cnn" && (Height % 4 != 0 || Width % 4 != 0))
            throw new CodatException("the network takes sides divisible by 4", Model, null, $"{Height}x{Width}", "use mlp or a resnet");
        return Model switch
        {
            "small-cnn" => new SmallCnn(Channels, Classes),
            "medium-cnn" => new MediumCnn(Height, Width, Channels, Classes),
            "mlp" => new Mlp(Height, Width, Channels, Classes),
            "resnet18" => new ResNet18(Channels, Classes),
            PreActResNet18.ModelName => new PreActResNet18(Channels, Classes, FinalBatchNorm),
            _ => Wide(),
        };
    }

    private WideResNet Wide()
    {
        var parts = Model.Split('-');
        if (parts is ["wrn", var d, var w] && int.TryParse(d, NumberStyles.None, CultureInfo.InvariantCulture, out var depth)
            && int.TryParse(w, NumberStyles.None, CultureInfo.InvariantCulture, out var width)
            && depth is >= 10 and <= 1000 && (depth - 4) % 6 == 0 && width is >= 1 and <= 100)
            return new WideResNet(Channels, Classes, depth, width);
        throw new CodatException("unknown network", "--model", string.Join(", ", KnownModels), Model);
    }
}
