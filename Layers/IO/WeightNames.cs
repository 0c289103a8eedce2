using Codat.Native.Interop;

namespace Codat.Native.Layers;

/// <summary>The tensors of a weight file under their plain names, and notices about harmless leftovers that were
/// dropped.</summary>
internal sealed class WeightNames
{
    private const string ParallelPrefix = "module.";
    private const string CounterSuffix = ".num_batches_tracked";
    private const string UnusedBlock = "sub_block1.";

    private readonly Dictionary<string, SafeTensorEntry> _entries = new(StringComparer.Ordinal);

    private WeightNames()
    {
    }

    /// <summary>Tensors by plain name.</summary>
    public IReadOnlyDictionary<string, SafeTensorEntry> Entries => _entries;

    /// <summary>What was dropped, a sentence each.</summary>
    public List<string> Notices { get; } = [];

    /// <summary>Sorts a file's tensors for a model.</summary>
    /// <exception cref="CodatException">Two tensors have one plain name.</exception>
    public static WeightNames Read(SafeTensorsFile file, string path, string model)
    {
        var names = new WeightNames();
        var (parallel, counters, unused) = (0, 0, 0);
        var hasUnusedBlock = model.StartsWith("wrn-", StringComparison.Ordinal);
        foreach (var entry in file.Tensors)
        {
            var name = entry.Name;
            if (name.StartsWith(ParallelPrefix, StringComparison.Ordinal))
            {
                name = name[ParallelPrefix.Length..];
                parallel++;
            }

            if (name.EndsWith(CounterSuffix, StringComparison.Ordinal)) counters++;
            else if (hasUnusedBlock && name.StartsWith(UnusedBlock, StringComparison.Ordinal)) unused++;
            else if (!names._entries.TryAdd(name, entry))
                throw new CodatException("Two tensors of the file have one name", path, "one with or without 'module.'",
                    SafeTensorsHeader.Shorten(name));
        }

        if (parallel > 0) names.Notices.Add($"the leading 'module.' of {parallel} tensor names was dropped");
        if (counters > 0) names.Notices.Add($"{counters} counters 'num_batches_tracked' are not used");
        if (unused > 0)
            names.Notices.Add($"{unused} tensors 'sub_block1.*' are not used: no WideResNet calls that block");
        return names;
    }

    /// <summary>True where some tensor's plain name starts so.</summary>
    public bool Any(string prefix)
    {
        foreach (var name in _entries.Keys)
            if (name.StartsWith(prefix, StringComparison.Ordinal)) return true;
        return false;
    }
}
