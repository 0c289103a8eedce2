using System.Globalization;
using Codat.Native.Interop;

namespace Codat.Native.Layers;

/// <summary>Everything that determines a network's structure and how it reads images.</summary>
/// <param name="Model">Architecture name: <c>small-cnn</c>, <c>medium-cnn</c>, <c>mlp</c>, <c>resnet18</c>,
/// <c>preact-resnet18</c>, <c>wrn-D-W</c>.</param>
/// <param name="Height">Image height in pixels.</param>
/// <param name="Width">Image width in pixels.</param>
/// <param name="Channels">Image channels.</param>
/// <param name="Classes">Number of classes.</param>
public sealed record NetworkSpec(string Model, int Height, int Width, int Channels, int Classes)
{
    private const int MaxImageValues = 1 << 22;
    private const int MaxClasses = 1 << 16;

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
        CheckSizes();
        CheckNormalisation();
        if (Model is "small-cnn" or "medium-cnn" && (Height % 4 != 0 || Width % 4 != 0))
            throw new CodatException(
                "the network takes sides divisible by 4", Model, null, $"{Height}x{Width}", "use mlp or a resnet");
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

    /// <summary>Compares structure and normalisation, number by number.</summary>
    public bool Equals(NetworkSpec? other) => other is not null
        && (Model, Height, Width, Channels, Classes, FinalBatchNorm)
            == (other.Model, other.Height, other.Width, other.Channels, other.Classes, other.FinalBatchNorm)
        && Mean.SequenceEqual(other.Mean) && Std.SequenceEqual(other.Std);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Model, Height, Width, Channels, Classes, FinalBatchNorm);

    private void CheckSizes()
    {
        // The larger ones are damaged files; they would overflow the counts of weights.
        var isSmall = (long)Height * Width <= MaxImageValues && (long)Height * Width * Channels <= MaxImageValues;
        if (Height >= 1 && Width >= 1 && Channels >= 1 && isSmall && Classes is >= 2 and <= MaxClasses) return;
        throw new CodatException("network sizes are not valid", Model,
            $"height, width, channels of at least 1 and at most {MaxImageValues} together, 2 to {MaxClasses} classes",
            $"{Height}x{Width}x{Channels}, {Classes} classes");
    }

    private void CheckNormalisation()
    {
        if (Mean.Count == Channels && Std.Count == Channels && Mean.All(float.IsFinite)
            && Std.All(s => s > 0 && float.IsFinite(s)))
            return;
        throw new CodatException("mean and std do not fit the images", Model,
            $"{Channels} finite means and {Channels} positive deviations", $"{Text(Mean)} and {Text(Std)}");
    }

    private static string Text(IEnumerable<float> values) =>
        "[" + string.Join(", ", values.Select(v => v.ToString(CultureInfo.InvariantCulture))) + "]";

    private WideResNet Wide()
    {
        var parts = Model.Split('-');
        if (parts is ["wrn", var d, var w]
            && int.TryParse(d, NumberStyles.None, CultureInfo.InvariantCulture, out var depth)
            && int.TryParse(w, NumberStyles.None, CultureInfo.InvariantCulture, out var width)
            && depth is >= 10 and <= 1000 && (depth - 4) % 6 == 0 && width is >= 1 and <= 100)
            return new WideResNet(Channels, Classes, depth, width);
        throw new CodatException("unknown network", "--model", string.Join(", ", KnownModels), Model);
    }
}
