using Codat.Native.Autograd;
using Codat.Native.Interop;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>Weights of an engine's network: new ones, and those of files.</summary>
internal static class EngineWeights
{
    /// <summary>The network that the options describe.</summary>
    public static Network Create(CodatEngineOptions options, Device device)
    {
        if (options.Weights is { } path) return WeightFile.Load(path, device, options.Spec).Network;
        var spec = options.Spec ?? throw new InvalidOperationException("no structure"); // the rules saw to it
        return Network.Create(spec, device, options.Seed);
    }

    /// <summary>Writes a network whose numbers are all finite.</summary>
    public static void Save(Network network, long step, string path, IReadOnlyList<string>? classNames)
    {
        if (!IsFinite(network.Weights) || (network.RunningStatistics is { } running && !IsFinite(running)))
            throw TrainingFailedException.OfWeights(step);
        WeightFile.Save(network, path, classNames);
    }

    /// <summary>Reads weights and running statistics of a file that fits a network; the second is empty where it has
    /// none.</summary>
    /// <exception cref="CodatException">The file is unreadable, or of another network.</exception>
    public static (float[] Weights, float[] Running) Read(Network network, string path)
    {
        // By way of the processor: the device need not have room for a second network.
        using var cpu = Device.Cpu(new CpuOptions { Threads = 1 });
        using var found = WeightFile.Load(path, cpu, StatesStructure(path) ? null : network.Spec).Network;
        if (found.Spec == network.Spec)
            return (found.Weights.ToArray<float>(), found.RunningStatistics?.ToArray<float>() ?? []);
        throw new CodatException("the weights are of another network", path, Describe(network.Spec),
            Describe(found.Spec), "create an engine with Weights set to this file");
    }

    private static bool StatesStructure(string path)
    {
        using var file = SafeTensorsFile.Open(path);
        return file.Metadata.ContainsKey(WeightMetadata.Model);
    }

    private static bool IsFinite(Tensor tensor) => Array.TrueForAll(tensor.ToArray<float>(), float.IsFinite);

    private static string Describe(NetworkSpec s) =>
        $"{s.Model} {s.Height}x{s.Width}x{s.Channels}, {s.Classes} classes, mean [{string.Join(' ', s.Mean)}],"
        + $" std [{string.Join(' ', s.Std)}]";
}
