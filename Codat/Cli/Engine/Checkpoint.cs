using Codat.Native.Autograd;
using Codat.Native.Layers;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>
/// A weight file opened for use: the network, its names, and the settings it was trained with where it says so.
/// </summary>
internal sealed class Checkpoint : IDisposable
{
    /// <summary>The key of a run's settings in the metadata of its weight files.</summary>
    internal const string SettingsKey = "codat.config";

    private Checkpoint(Device device, LoadedWeights loaded, string path)
    {
        (Device, Loaded) = (device, loaded);
        Options = loaded.Metadata.TryGetValue(SettingsKey, out var config)
            ? TrainConfig.Read(config, $"{path}, {SettingsKey}")
            : null;
    }

    public Device Device { get; }

    public LoadedWeights Loaded { get; }

    public Network Network => Loaded.Network;

    /// <summary>The settings of the run that wrote the file, or null for a foreign one.</summary>
    public TrainOptions? Options { get; }

    public static Checkpoint Open(CheckpointOptions options, IProgressView view)
    {
        var (device, note) = DeviceCatalog.Open(options);
        if (note is not null) view.Notice(note);
        try
        {
            return new Checkpoint(device, WeightFile.Load(options.Checkpoint, device, Foreign(options)),
                options.Checkpoint);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Loaded.Network.Dispose();
        Device.Dispose();
    }

    private static NetworkSpec? Foreign(CheckpointOptions o) => o.Model is null && o.Classes is null
        ? null
        : WeightFile.InferSpec(
            o.Checkpoint, Required(o.Model, "--model"), o.Classes ?? throw Missing("--classes"), o.Mean, o.Std);

    private static string Required(string? value, string option) => value ?? throw Missing(option);

    private static Interop.CodatException Missing(string option) =>
        new("a foreign weight file needs both its model and its number of classes", option, "a value", "none",
            $"give {option}");
}
