using System.Text.Json.Nodes;
using Codat.Native.Autograd;
using Codat.Native.Layers;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>Weight files in and out.</summary>
internal static class WeightsEngine
{
    /// <summary>
    /// Writes the weights of a checkpoint in PyTorch's names and order, with all that its metadata says, so that the
    /// run's own validation split can be rebuilt from the file; folders of the machine it was made on stay out.
    /// </summary>
    public static JsonObject Export(ExportOptions options)
    {
        using var device = Device.Cpu(new CpuOptions { Threads = 1 });
        var loaded = WeightFile.Load(options.Checkpoint, device);
        using (loaded.Network)
        {
            WeightFile.Save(loaded.Network, options.Out, loaded.ClassNames, Portable(loaded.Extra));
            var described = Describe(loaded, options.Out);
            if (options.Kit) described["check"] = ReCheckKit.Write(options.Out);
            return described;
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

    private static Dictionary<string, string> Portable(IReadOnlyDictionary<string, string> metadata)
    {
        var portable = new Dictionary<string, string>(metadata);
        if (!portable.TryGetValue(Checkpoint.SettingsKey, out var text)) return portable;
        var settings = JsonNode.Parse(text)!.AsObject(); // written by a run
        settings.Remove("data");
        settings.Remove("init");
        if (settings["prior"]?.GetValue<string>() is not ("uniform" or "frequency")) settings.Remove("prior");
        portable[Checkpoint.SettingsKey] = settings.ToJsonString(RunJson.Line);
        return portable;
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
