namespace Codat.Native.Layers;

/// <summary>What a weight file held: a network, and what else was written beside it.</summary>
/// <param name="Network">The network with its weights and running statistics; the caller disposes of it.</param>
/// <param name="Metadata">Every string of the file, the network's own ones included; empty for most foreign
/// files.</param>
/// <param name="ClassNames">Names of the classes, or null.</param>
/// <param name="Notices">What was tolerated, a sentence each: leftovers of training codes, missing final batch
/// norm.</param>
public sealed record LoadedWeights(
    Network Network, IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<string>? ClassNames,
    IReadOnlyList<string> Notices)
{
    /// <summary>The strings that do not follow from the network: what to hand to <see cref="WeightFile.Save"/> when the
    /// network is written again.</summary>
    public IReadOnlyDictionary<string, string> Extra =>
        Metadata.Where(m => !WeightMetadata.IsOwn(m.Key)).ToDictionary(m => m.Key, m => m.Value);
}
