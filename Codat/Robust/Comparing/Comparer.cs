using System.Text.Json.Nodes;
using Codat.Native.Data;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Trains every run of a plan, one after the other, and sums them up.</summary>
/// <remarks>
/// Resumable at any moment: finished runs have a line in <c>runs.jsonl</c>, a run under way is continued from its own
/// saved state, and what is summed up is made anew from the lines. A run of a comparison is the run <c>codat train</c>
/// would make of the same settings, to the last bit.
/// </remarks>
internal sealed class Comparer
{
    private readonly CompareOptions _options;
    private readonly ComparePlan _plan;
    private readonly IReadOnlyList<PlannedRun> _runs;
    private readonly CompareFolder _folder;
    private readonly ICompareObserver _observer;
    private readonly CancellationToken _cancellation;
    private readonly Dictionary<PlannedRun, JsonObject> _lines = [];
    private readonly List<(PlannedRun Run, string Why)> _failures = [];

    private Comparer(CompareOptions options, ComparePlan plan, IReadOnlyList<PlannedRun> runs, CompareFolder folder,
        ICompareObserver observer, CancellationToken cancellation) =>
        (_options, _plan, _runs, _folder, _observer, _cancellation) =
            (options, plan, runs, folder, observer, cancellation);

    /// <summary>Runs what is left of a plan.</summary>
    /// <exception cref="CodatException">The plan, the data or the folder is wrong; nothing was trained.</exception>
    public static CompareOutcome Run(
        CompareOptions options, ICompareObserver observer, CancellationToken cancellation)
    {
        var plan = PlanFile.Read(options.Plan);
        var path = Path.GetFullPath(options.Out ?? Path.Combine("runs", $"compare-{plan.Name}"));
        var runs = PlanResolver.Resolve(plan, path, options.Device, options.Threads, options.ShapeOf);
        PlanResolver.CheckData(plan, runs);
        if (options.Done is { } file && !File.Exists(file))
            throw new CodatException("there is no such file", "--done", "lines of finished runs", file);
        var given = options.Done is { } done ? RunLine.ReadAll(done) : [];
        using var folder = CompareFolder.Open(path, plan, runs);
        var comparer = new Comparer(options, plan, runs, folder, observer, cancellation);
        return comparer.RunAll([.. RunLine.ReadAll(folder.LinesPath), .. given]);
    }

    private CompareOutcome RunAll(List<JsonObject> known)
    {
        _observer.Planned(_runs);
        FindDone(known);
        // At once: the folder is to know them when it is taken up without --done.
        if (_lines.Count > 0) WriteLines();
        var cancelled = false;
        foreach (var run in _runs)
        {
            if (_lines.ContainsKey(run)) continue;
            if (_cancellation.IsCancellationRequested || !Try(run))
            {
                cancelled = true;
                break;
            }
        }
        var compared = _runs.Where(_lines.ContainsKey)
            .Select(r => RunLine.Read(_lines[r], r, _plan.Evaluations)).ToArray();
        var comparison = Comparison.Of(_plan, compared, [.. _runs.DistinctBy(r => r.Label).Select(RunLine.Settings)]);
        var result = ComparisonJson.Of(comparison);
        RunFile.Write(_folder.ResultPath, result.ToJsonString(RunJson.Indented) + "\n");
        RunFile.Write(_folder.TablePath, ComparisonTable.Csv(compared));
        RunFile.Write(_folder.ReportPath, ComparisonPage.Render(comparison, _folder.Path));
        _folder.Write(ComparisonPage.Figures(comparison, _folder.Path));
        return new CompareOutcome(_folder.Path, result, comparison, _runs.Count, _failures, cancelled);
    }

    /// <summary>
    /// Runs with a line need no training, unless a run that is still to come starts from weights that are not here.
    /// </summary>
    private void FindDone(List<JsonObject> known)
    {
        var needed = new HashSet<PlannedRun>();
        foreach (var run in _runs.Reverse())
        {
            var line = known.Find(l => l["configHash"]?.ToString() == run.Hash && HasEvaluations(l));
            var weights = !needed.Contains(run) || File.Exists(Path.Combine(run.Folder, "last.safetensors"));
            if (line is not null && weights) _lines.Add(run, line);
            else if (run.Source is { } source) needed.Add(source);
        }
        foreach (var run in _runs)
            if (_lines.TryGetValue(run, out var line))
                _observer.Done(run, RunLine.Read(line, run, _plan.Evaluations), before: true);
    }

    private void WriteLines() => _folder.Write(_runs.Where(_lines.ContainsKey).Select(r => _lines[r]));

    private bool HasEvaluations(JsonObject line) => _plan.Evaluations.All(e =>
        (line["evaluations"] as JsonObject)?[e.Name] is JsonObject made && made["settings"]?.ToString() == e.Text);

    /// <summary>Makes one run; false where it was cancelled.</summary>
    private bool Try(PlannedRun run)
    {
        try
        {
            if (run.Source is { } source && _failures.Exists(f => f.Run == source))
                throw new CodatException("the run it starts from failed", $"{source.Label}, seed {source.Seed}");
            var result = Train(run);
            if (result.Stopped == "cancelled") return false;
            if (result.Stopped == "nan")
                throw result.Failure ?? new CodatException("the loss is not a finite number", run.Folder);
            _lines.Add(run, RunLine.Of(run, Evaluate(run)));
            WriteLines();
            _observer.Done(run, RunLine.Read(_lines[run], run, _plan.Evaluations), before: false);
        }
        catch (OperationCanceledException) when (_cancellation.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception error)
            when (error is CodatException or DatasetException or IOException or UnauthorizedAccessException
                or OutOfMemoryException)
        {
            _failures.Add((run, error.Message));
            _observer.Failed(run, error.Message);
        }
        return true;
    }

    private TrainResult Train(PlannedRun run)
    {
        var observer = _observer.Started(run);
        using var owned = observer as IDisposable;
        if (!File.Exists(Path.Combine(run.Folder, "config.json")))
        {
            RemoveBeginnings(run.Folder);
            return Trainer.Run(run.Options, observer, _cancellation);
        }
        var found = TrainConfig.Read(File.ReadAllText(Path.Combine(run.Folder, "config.json")), run.Folder);
        // Where a run starts from is a path; the plan it stands in is the same.
        if (TrainConfig.Hash(found with { Init = null }) != TrainConfig.Hash(run.Options with { Init = null }))
            throw new CodatException("the run folder holds another run", run.Folder, "the settings of the plan",
                "others", "move the folder away");
        return Trainer.Resume(run.Folder, run.Options, observer, _cancellation);
    }

    /// <summary>A kill while a folder was being made leaves one that is no run yet.</summary>
    private static void RemoveBeginnings(string folder)
    {
        if (!Directory.Exists(folder)) return;
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories);
        if (Array.TrueForAll(files, f => f.EndsWith(".tmp", StringComparison.Ordinal) || Path.GetFileName(f) == "lock"))
            Directory.Delete(folder, recursive: true);
    }

    private JsonObject Evaluate(PlannedRun run)
    {
        var evaluations = new JsonObject();
        foreach (var evaluation in _plan.Evaluations)
        {
            var options = evaluation.Options with
            {
                Checkpoint = Path.Combine(run.Folder, "best.safetensors"), Seed = run.Seed,
                Device = run.Options.Device, Threads = run.Options.Threads,
                Data = evaluation.Options.Data ?? run.Options.Data,
            };
            var result = _options.Evaluate(options, _cancellation);
            result.Remove("checkpoint");
            evaluations.Add(evaluation.Name, new JsonObject
            {
                ["settings"] = evaluation.Text, ["result"] = RunLine.WithoutTelemetry(result),
            });
        }
        return evaluations;
    }
}
