using System.Text.Json.Nodes;
using Codat.Native.Autograd;
using Codat.Native.Layers;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>Weight files in and out.</summary>
internal static class WeightsEngine
{
    /// <summary>Writes the weights of a checkpoint in PyTorch's names and order, without the run's settings.</summary>
    public static JsonObject Export(ExportOptions options)
    {
        using var device = Device.Cpu(new CpuOptions { Threads = 1 });
        var loaded = WeightFile.Load(options.Checkpoint, device);
        using (loaded.Network)
        {
            WeightFile.Save(loaded.Network, options.Out, loaded.ClassNames);
            return Describe(loaded, options.Out);
        }
    }

    /// <summary>Stamps structure and normalisation into a foreign file.</summary>
    public static JsonObject Import(ImportOptions options)
    {
        using var device = Device.Cpu(new CpuOptions { Threads = 1 });
        var spec = WeightFile.InferSpec(options.Input, options.Model, options.Classes, options.Mean, options.Std);
        var loaded = WeightFile.Load(options.Input, device, spec);
        using (loaded.Network)
        {
            WeightFile.Save(loaded.Network, options.Out, loaded.ClassNames, loaded.Extra);
            return Describe(loaded, options.Out);
        }
    }

    private static JsonObject Describe(LoadedWeights loaded, string path)
    {
        var spec = loaded.Network.Spec;
        return new JsonObject
        {
            ["model"] = spec.Model, ["classes"] = spec.Classes, ["height"] = spec.Height, ["width"] = spec.Width,
            ["channels"] = spec.Channels, ["parameters"] = loaded.Network.ParameterCount,
            ["notices"] = new JsonArray([.. loaded.Notices.Select(n => JsonValue.Create(n))]),
            ["out"] = Path.GetFullPath(path),
        };
    }
}
