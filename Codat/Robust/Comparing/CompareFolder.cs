using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>The folder of a comparison, held by this process until disposed.</summary>
internal sealed class CompareFolder : IDisposable
{
    private const string PlanName = "plan.json";

    private readonly RunLock _lock;

    private CompareFolder(string path, RunLock held) => (Path, _lock) = (path, held);

    /// <summary>The folder, as a full path.</summary>
    public string Path { get; }

    /// <summary>A line per finished run.</summary>
    public string LinesPath => File("runs.jsonl");

    /// <summary>A row per run, attack and class.</summary>
    public string TablePath => File("compare.csv");

    /// <summary>Everything <c>--json</c> prints.</summary>
    public string ResultPath => File("compare.json");

    /// <summary>The folder of the page's figures, a file each.</summary>
    public string FiguresPath => File("figures");

    /// <summary>The page.</summary>
    public string ReportPath => File("report.html");

    /// <summary>Takes the folder for a plan; a new one is made.</summary>
    /// <exception cref="CodatException">
    /// It holds something else, another plan, or a live process has it; nothing was changed.
    /// </exception>
    public static CompareFolder Open(string path, ComparePlan plan, IReadOnlyList<PlannedRun> runs)
    {
        var full = System.IO.Path.GetFullPath(path);
        if (System.IO.File.Exists(full))
            throw new CodatException("the folder of the comparison is a file", full, "a folder",
                fix: "give another --out");
        var identity = Identity(plan, runs);
        var planPath = System.IO.Path.Combine(full, PlanName);
        if (System.IO.File.Exists(planPath)) CheckSame(planPath, identity);
        else if (Directory.Exists(full) && Directory.EnumerateFileSystemEntries(full).Any(e => !IsLeftover(e)))
            throw new CodatException("the folder is not empty and holds no comparison", full, "a new or empty folder",
                fix: "give another --out");
        Directory.CreateDirectory(full);
        var folder = new CompareFolder(full, RunLock.Take(full, System.IO.Path.Combine(full, "lock")));
        try
        {
            foreach (var leftover in Directory.GetFiles(full, "*.tmp")) System.IO.File.Delete(leftover);
            RunFile.Write(planPath, identity.ToJsonString(RunJson.Indented) + "\n");
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Lets go of the folder.</summary>
    public void Dispose() => _lock.Dispose();

    /// <summary>Replaces <c>runs.jsonl</c>.</summary>
    public void Write(IEnumerable<JsonObject> lines)
    {
        var text = new StringBuilder();
        foreach (var line in lines) text.Append(line.ToJsonString(RunJson.Line)).Append('\n');
        RunFile.Write(LinesPath, text.ToString());
    }

    /// <summary>Writes each figure to a file of its own.</summary>
    public void Write(IEnumerable<PageFigure> figures)
    {
        Directory.CreateDirectory(FiguresPath);
        foreach (var leftover in Directory.GetFiles(FiguresPath, "*.tmp")) System.IO.File.Delete(leftover);
        foreach (var figure in figures)
            RunFile.Write(System.IO.Path.Combine(FiguresPath, figure.Name + ".svg"),
                StandaloneSvg.Of(figure.Svg, figure.Legend));
    }

    private static bool IsLeftover(string entry) =>
        System.IO.Path.GetFileName(entry) is var name
        && (name == "lock" || name.EndsWith(".tmp", StringComparison.Ordinal));

    private static JsonObject Identity(ComparePlan plan, IReadOnlyList<PlannedRun> runs)
    {
        var evaluations = new JsonObject();
        foreach (var evaluation in plan.Evaluations) evaluations.Add(evaluation.Name, evaluation.Text);
        var hashes = new JsonObject();
        foreach (var run in runs) hashes.Add($"{run.Label} seed {run.Seed}", run.Hash);
        return new JsonObject
        {
            ["name"] = plan.Name, ["baseline"] = plan.Baseline, ["evaluate"] = evaluations, ["runs"] = hashes,
        };
    }

    private static void CheckSame(string path, JsonObject wanted)
    {
        var found = JsonView.Load(path).Element;
        foreach (var key in new[] { "name", "baseline", "evaluate" })
        {
            if (!found.TryGetProperty(key, out var old)
                || !JsonElement.DeepEquals(old, JsonSerializer.SerializeToElement(wanted[key])))
                throw Another($"the same {key}", $"another {key}");
        }
        var runs = (JsonObject)wanted["runs"]!; // just made by Identity
        if (!found.TryGetProperty("runs", out var before) || before.ValueKind != JsonValueKind.Object)
            throw Another("the runs of a plan", "none");
        foreach (var run in before.EnumerateObject())
        {
            if (!runs.TryGetPropertyValue(run.Name, out var hash)) throw Another($"a run '{run.Name}'", "none");
            if (hash?.ToString() != run.Value.ToString())
                throw Another($"the settings '{run.Name}' was started with", "others");
        }

        CodatException Another(string expected, string different) =>
            new("the folder holds the comparison of another plan", System.IO.Path.GetDirectoryName(path), expected,
                different, "only runs and seeds may be added; give another --out");
    }

    private string File(string name) => System.IO.Path.Combine(Path, name);
}
