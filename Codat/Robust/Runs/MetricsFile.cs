using System.Text;
using System.Text.Json;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary><c>metrics.jsonl</c>: a line for each epoch; every change replaces the whole file.</summary>
/// <remarks>A run writes one line per epoch, so the file stays small enough to be written anew.</remarks>
public sealed class MetricsFile
{
    private readonly string _path;
    private readonly List<EpochMetrics> _epochs;

    private MetricsFile(string path, List<EpochMetrics> epochs)
    {
        _path = path;
        _epochs = epochs;
    }

    /// <summary>The epochs, in order.</summary>
    public IReadOnlyList<EpochMetrics> Epochs => _epochs;

    /// <summary>Opens the file of a run, keeping what was committed up to <paramref name="lastEpoch"/>.</summary>
    /// <exception cref="CodatException">A line that must be kept cannot be read.</exception>
    public static MetricsFile Open(string path, int lastEpoch)
    {
        var epochs = new List<EpochMetrics>();
        if (File.Exists(path))
        {
            string[] lines = File.ReadAllLines(path);
            for (int i = 0; i < lines.Length && epochs.Count < lastEpoch; i++)
                epochs.Add(Parse(lines[i], $"{path}, line {SettingText.Print(i + 1)}"));
        }
        if (epochs.Count != lastEpoch)
        {
            throw new CodatException("the run's metrics are incomplete", path,
                $"{SettingText.Print(lastEpoch)} epochs", SettingText.Print(epochs.Count));
        }
        var file = new MetricsFile(path, epochs);
        file.Save();
        return file;
    }

    /// <summary>Adds an epoch and replaces the file.</summary>
    public void Add(EpochMetrics epoch)
    {
        ArgumentNullException.ThrowIfNull(epoch);
        if (epoch.Epoch != _epochs.Count + 1)
            throw new ArgumentException($"epoch {epoch.Epoch} after {_epochs.Count}", nameof(epoch));
        _epochs.Add(epoch);
        Save();
    }

    private static EpochMetrics Parse(string line, string where)
    {
        try
        {
            if (JsonSerializer.Deserialize<EpochMetrics>(line, RunJson.Line) is { } epoch) return epoch;
        }
        catch (JsonException error)
        {
            throw new CodatException("the run's metrics cannot be read", where, "an epoch as JSON", error.Message,
                inner: error);
        }
        throw new CodatException("the run's metrics cannot be read", where, "an epoch as JSON", "null");
    }

    private void Save()
    {
        var text = new StringBuilder();
        foreach (EpochMetrics epoch in _epochs) text.Append(JsonSerializer.Serialize(epoch, RunJson.Line)).Append('\n');
        RunFile.Write(_path, text.ToString());
    }
}
