using Codat.Native.Data;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>What is known of a data set by its name alone.</summary>
/// <param name="Name">The name as typed.</param>
/// <param name="Shape">The shape of its images, or null where only the files tell.</param>
/// <param name="Classes">The number of its classes, or null where only the files tell.</param>
/// <param name="Train">Its own row of training presets, or null.</param>
public sealed record DataSetPreset(string Name, ImageShape? Shape, int? Classes, TrainPreset? Train)
{
    /// <summary>The data set that travels with the program.</summary>
    public const string Default = "fashion-mnist-mini";

    private static readonly float[] s_cifar10Mean = [0.4914f, 0.4822f, 0.4465f];
    private static readonly float[] s_cifar10Std = [0.2470f, 0.2435f, 0.2616f];

    private static readonly DataSetPreset[] s_rows =
    [
        new(Default, new ImageShape(28, 28, 1), 10, TrainPreset.SmallGrey),
        new("fashion-mnist", new ImageShape(28, 28, 1), 10, TrainPreset.SmallGrey),
        new("cifar10", new ImageShape(32, 32, 3), 10, TrainPreset.Colour)
        {
            Mean = s_cifar10Mean,
            Std = s_cifar10Std,
        },
        new("cifar100", new ImageShape(32, 32, 3), 100, TrainPreset.Colour),
        new("svhn", new ImageShape(32, 32, 3), 10, TrainPreset.Digits),
        new("stl10", new ImageShape(64, 64, 3), 10, TrainPreset.Colour),
        new("folder", null, null, null),
        new("npz", null, null, null),
        new("synthetic", null, null, null),
    ];

    /// <summary>All data sets, in the order they are listed.</summary>
    public static IReadOnlyList<DataSetPreset> All => s_rows;

    internal static string Names => string.Join(", ", Array.ConvertAll(s_rows, row => row.Name));

    /// <summary>The usual mean of each channel, or null where it is computed from the training split.</summary>
    public float[]? Mean { get; private init; }

    /// <summary>The usual deviation of each channel, or null where it is computed from the training split.</summary>
    public float[]? Std { get; private init; }

    /// <summary>The row of a name.</summary>
    /// <exception cref="CodatException">There is none.</exception>
    public static DataSetPreset Find(string name, string where)
    {
        foreach (DataSetPreset row in s_rows)
        {
            if (row.Name == name) return row;
        }
        throw new CodatException("there is no data set of this name", where,
            Names, $"'{name}'");
    }
}
