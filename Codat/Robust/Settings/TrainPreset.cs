using Codat.Native.Data;

namespace Codat.Native.Robust;

/// <summary>What a data set suggests for training on it, and what a network makes of that.</summary>
/// <param name="Model">The network.</param>
/// <param name="Epochs">Passes over the training images.</param>
/// <param name="Batch">Images in a step.</param>
/// <param name="Lr">The full learning rate, for momentum 0.9 and weight decay 5e-4.</param>
/// <param name="Schedule">The learning-rate schedule.</param>
/// <param name="Augment">How training images are varied.</param>
public sealed record TrainPreset(string Model, int Epochs, int Batch, double Lr, ScheduleSpec Schedule,
    AugmentKind Augment)
{
    private static readonly ScheduleSpec s_drops = ScheduleSpec.Parse("piecewise:75%,90%", "preset");

    /// <summary>Small grey images: a minute of training, not a day.</summary>
    public static TrainPreset SmallGrey { get; } =
        new("small-cnn", 10, 64, 0.2, ScheduleSpec.OneCycle, AugmentKind.None);

    /// <summary>Small grey images with a network that has fully connected layers behind its pictures: at the rate of
    /// <see cref="SmallGrey"/> these end in guessing (docs/defaults.md).</summary>
    public static TrainPreset SmallGreyConnected { get; } = SmallGrey with { Model = "medium-cnn", Lr = 0.05 };

    /// <summary>CIFAR and everything that looks like it.</summary>
    public static TrainPreset Colour { get; } =
        new("resnet18", 100, 128, 0.1, s_drops, AugmentKind.Crop4Flip);

    /// <summary>House numbers: a lower rate, and no flips, since digits have a direction.</summary>
    public static TrainPreset Digits { get; } =
        new("resnet18", 100, 128, 0.01, s_drops, AugmentKind.Crop4);

    /// <summary>The preset of a data set without a row of its own.</summary>
    public static TrainPreset For(ImageShape shape) => IsSmallGrey(shape) ? SmallGrey : Colour;

    /// <summary>The row of a pair of data set and network: this one unless the pair has its own.</summary>
    /// <param name="model">The network, or null for the data set's own.</param>
    public TrainPreset WithModel(string? model)
    {
        if (model is null) return this;
        TrainPreset row = this == SmallGrey && model is "medium-cnn" or "mlp" ? SmallGreyConnected : this;
        return row with { Model = model };
    }

    /// <summary>True for 28x28 grey images, which have presets of their own.</summary>
    internal static bool IsSmallGrey(ImageShape shape) => shape is { Height: 28, Width: 28, Channels: 1 };
}
