using System.Globalization;
using System.Text.Json;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>The folder of one run, held by this process until disposed.</summary>
public sealed class RunFolder : IDisposable
{
    private const string LockName = "lock";

    private readonly RunLock _lock;

    private RunFolder(string path, RunLock runLock)
    {
        Path = path;
        _lock = runLock;
    }

    /// <summary>The folder, as a full path.</summary>
    public string Path { get; }

    /// <summary>Every setting, complete and re-runnable.</summary>
    public string ConfigPath => File("config.json");

    /// <summary>Versions, device, hashes, splits.</summary>
    public string ManifestPath => File("manifest.json");

    /// <summary>A line per epoch.</summary>
    public string MetricsPath => File("metrics.jsonl");

    /// <summary>A row per epoch and class.</summary>
    public string ClassesPath => File("classes.csv");

    /// <summary>The final evaluation.</summary>
    public string FinalPath => File("final.json");

    /// <summary>The last weights.</summary>
    public string LastPath => File("last.safetensors");

    /// <summary>The weights with the best worst class.</summary>
    public string BestPath => File("best.safetensors");

    /// <summary>The page about the run.</summary>
    public string ReportPath => File("report.html");

    /// <summary>Everything an exact resume needs.</summary>
    public string StatePath => File("state");

    /// <summary>Risks and weights of every step, where asked for.</summary>
    public string StepsPath => File("steps");

    /// <summary>The name of a run: <c>yyyyMMdd-HHmmss-DATASET-MODEL-OBJECTIVE-sSEED</c>.</summary>
    public static string NameOf(TrainOptions options, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(options);
        return string.Create(CultureInfo.InvariantCulture, $"{time:yyyyMMdd-HHmmss}-{options.Dataset}-{options.Model}-"
            + $"{SettingNames.Objectives.Print(options.Objective)}-s{options.Seed}");
    }

    /// <summary>The folder a run would go to: <c>--out</c>, else a name of its own under <c>runs</c>.</summary>
    /// <exception cref="CodatException">The folder exists and is not empty; nothing is changed.</exception>
    public static string Choose(TrainOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        string path = System.IO.Path.GetFullPath(options.Out
            ?? System.IO.Path.Combine("runs", NameOf(options, (time ?? TimeProvider.System).GetLocalNow())));
        if (System.IO.File.Exists(path))
        {
            throw new CodatException("the run folder is a file", path, "a new or empty folder",
                fix: "give another --out");
        }
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
        {
            throw new CodatException("the run folder is not empty", path, "a new or empty folder",
                fix: "give another --out, or continue that run with --resume");
        }
        return path;
    }

    /// <summary>Makes the folder of a new run, takes it, and writes its settings.</summary>
    /// <exception cref="CodatException">The folder exists and is not empty.</exception>
    public static RunFolder Create(TrainOptions options, TimeProvider? time = null)
    {
        string path = Choose(options, time);
        Directory.CreateDirectory(System.IO.Path.Combine(path, "state"));
        var folder = new RunFolder(path, TakeLock(path));
        try
        {
            RunFile.Write(folder.ConfigPath, TrainConfig.Write(options));
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Takes the folder of an earlier run.</summary>
    /// <exception cref="CodatException">It is no run folder, or a live process holds it.</exception>
    public static RunFolder Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string full = System.IO.Path.GetFullPath(path);
        if (!System.IO.File.Exists(System.IO.Path.Combine(full, "config.json"))
            || !Directory.Exists(System.IO.Path.Combine(full, "state")))
        {
            throw new CodatException("this is no run folder", full, "a folder with config.json and state",
                Directory.Exists(full) ? "a folder without them" : "no folder");
        }
        var folder = new RunFolder(full, TakeLock(full));
        // Half-written files of a process that was killed; the run is ours now, so nobody is writing them.
        foreach (string leftover in Directory.GetFiles(full, "*.tmp", SearchOption.AllDirectories))
            System.IO.File.Delete(leftover);
        return folder;
    }

    /// <summary>The settings of the run.</summary>
    /// <exception cref="CodatException">The file cannot be read.</exception>
    public TrainOptions ReadConfig() => TrainResolver.Resolve(SettingLayer.Empty, TrainConfig.ReadLayer(ConfigPath));

    /// <summary>Replaces <c>manifest.json</c>.</summary>
    public void Write(RunManifest manifest)
        => RunFile.Write(ManifestPath, JsonSerializer.Serialize(manifest, RunJson.Indented) + "\n");

    /// <summary>The manifest as it stands, or null before there is one that can be read.</summary>
    public RunManifest? ReadManifest()
    {
        try
        {
            return System.IO.File.Exists(ManifestPath)
                ? JsonSerializer.Deserialize<RunManifest>(System.IO.File.ReadAllText(ManifestPath), RunJson.Indented)
                : null;
        }
        catch (JsonException)
        {
            return null; // a record for people; a run does not fail over it, it is written anew
        }
    }

    /// <summary>Replaces <c>final.json</c>.</summary>
    public void Write(FinalResult result)
        => RunFile.Write(FinalPath, JsonSerializer.Serialize(result, RunJson.Indented) + "\n");

    /// <summary>Lets go of the folder.</summary>
    public void Dispose() => _lock.Dispose();

    private static RunLock TakeLock(string path)
        => RunLock.Take(path, System.IO.Path.Combine(path, "state", LockName));

    private string File(string name) => System.IO.Path.Combine(Path, name);
}
