using System.Text.Json.Nodes;
using Codat.Native.Data;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>Data sets: which there are, where they lie, fetching and checking them.</summary>
internal static class DataEngine
{
    public static JsonObject List(DataOptions options)
    {
        var rows = new JsonArray();
        foreach (var set in DatasetCatalog.All)
        {
            string? folder = null, detail = null;
            try
            {
                folder = DatasetCatalog.CheckFiles(set.Name, options.Data, DatasetSplit.Train, DatasetSplit.Test);
            }
            catch (DatasetException e)
            {
                detail = e.Message;
            }
            rows.Add(Row(set.Name, folder is null ? "missing" : "found", folder, detail));
        }
        return new JsonObject { ["datasets"] = rows };
    }

    public static JsonObject Verify(DataOptions options, IProgressView view, CancellationToken cancellation)
    {
        var rows = new JsonArray();
        var names = options.Datasets.Count > 0
            ? options.Datasets
            : [.. DatasetCatalog.All.Select(d => d.Name).Where(n => IsThere(n, options.Data))];
        for (var i = 0; i < names.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var file in DatasetFetcher.Verify(names[i], options.Data))
            {
                var note = file.IsGood ? null : $"expected {file.Expected}, found {file.Found}";
                rows.Add(Row(names[i], file.IsGood ? "good" : "bad", file.Path, note));
            }
            view.Progress("verify", i + 1, names.Count);
        }
        return new JsonObject { ["datasets"] = rows };
    }

    public static JsonObject Fetch(DataOptions options, IProgressView view, CancellationToken cancellation)
    {
        var rows = new JsonArray();
        using var fetcher = new DatasetFetcher();
        foreach (var name in options.Datasets)
        {
            var folder = fetcher.FetchAsync(name, options.Data, new FetchOptions
            {
                Mirror = options.Mirror, Progress = new Relay(view),
            }, cancellation).GetAwaiter().GetResult();
            rows.Add(Row(name, "fetched", folder, null));
        }
        return new JsonObject { ["datasets"] = rows };
    }

    private static bool IsThere(string name, string? folder)
    {
        try
        {
            DatasetCatalog.CheckFiles(name, folder, DatasetSplit.Train, DatasetSplit.Test);
            return true;
        }
        catch (DatasetException)
        {
            return false;
        }
    }

    private static JsonObject Row(string name, string status, string? path, string? detail) =>
        new() { ["name"] = name, ["status"] = status, ["path"] = path, ["detail"] = detail };

    /// <summary>
    /// Reports on the calling thread: <see cref="Progress{T}"/> would post to a pool thread after the end.
    /// </summary>
    private sealed class Relay(IProgressView view) : IProgress<FetchProgress>
    {
        public void Report(FetchProgress value) => view.Progress($"fetch {value.File}", value.Bytes, value.Total);
    }
}
