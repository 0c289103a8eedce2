using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>The files of a run that grow with it, and its manifest.</summary>
internal sealed class RunFiles(RunFolder folder, TrainOptions options, TrainingData data, Device device)
{
    private readonly List<SplitRead> _splits = [];
    private readonly List<string> _remarks = [];
    private MetricsFile? _metrics;
    private ClassesFile? _classes;
    private StepLog? _steps;

    private MetricsFile Metrics => _metrics ?? throw new InvalidOperationException("the run's files are not open");

    public void Open(int metricLines, long steps)
    {
        _metrics = MetricsFile.Open(folder.MetricsPath, metricLines);
        _classes = ClassesFile.Open(folder.ClassesPath, metricLines);
        if (options.LogSteps) _steps = StepLog.Open(folder.StepsPath, data.Published.Classes, steps);
        // What earlier processes of this run read stays on record.
        _splits.AddRange(folder.ReadManifest()?.Splits ?? []);
        Add(TrainingData.Describe("train", data.Train, "training"));
        if (data.Validation is { } validation) Add(TrainingData.Describe("val", validation, "selection of best"));
    }

    /// <summary>Training images per second, over the epochs so far.</summary>
    public double ImagesPerSecond =>
        Metrics.Epochs.Count == 0 ? double.NaN : Metrics.Epochs.Average(e => e.ImagesPerSecond);

    public void SaveSteps() => _steps?.Save();

    public void AddStep(TrainingSession session)
    {
        if (_steps is null) return;
        var k = data.Published.Classes;
        _steps.Add(session.Table.Slice(StepRecord.RiskRow * k, k), session.Table.Slice(StepRecord.WeightRow * k, k),
            session.Numbers[StepRecord.VarianceAt], session.Numbers[StepRecord.EtaEffAt]);
    }

    public void AddEpoch(EpochMetrics metrics, AttackResult? clean, AttackResult? robust)
    {
        Metrics.Add(metrics);
        var rows = new ClassRow[data.Published.Classes];
        for (var k = 0; k < rows.Length; k++)
        {
            var (c, r) = (clean?.Accuracy.PerClass[k], robust?.Accuracy.PerClass[k]);
            rows[k] = new ClassRow(
                metrics.Epoch, k, data.Published.ClassNames[k], (int)(r?.N ?? 0), c?.Accuracy ?? double.NaN,
                r?.Accuracy ?? double.NaN, r?.Low ?? double.NaN, r?.High ?? double.NaN,
                metrics.Risk[k].Mean, metrics.Weight[k].Mean);
        }
        (_classes ?? throw new InvalidOperationException("the run's files are not open")).Add(rows);
    }

    /// <summary>Notes in the manifest that a split was read.</summary>
    public void Note(SplitRead read)
    {
        Add(read);
        WriteManifest();
    }

    /// <summary>Adds a sentence to the manifest's notes.</summary>
    public void Remark(string line)
    {
        _remarks.Add(line);
        WriteManifest();
    }

    public void WriteManifest()
    {
        var dropped = data.Train.Count % options.Batch;
        var notes = new List<string>(_remarks);
        if (dropped > 0)
            notes.Add(
                $"{dropped} of {data.Train.Count} training images are left out of each epoch: "
                + "a last partial batch is dropped, and the order is new every epoch.");
        foreach (var k in data.EmptiedClasses)
            notes.Add($"class {k} ({data.Published.ClassNames[k]}) has no training images.");
        folder.Write(new RunManifest
        {
            Versions = Versions(), Device = device.Description, Threads = device.Threads,
            Libraries = new Dictionary<string, string>(device.Libraries),
            MathModes = new Dictionary<string, string>
            {
                ["precision"] = SettingNames.Precisions.Print(options.Precision),
                ["determinism"] = SettingNames.Determinisms.Print(options.Determinism),
            },
            Seed = options.Seed, ConfigHash = TrainConfig.Hash(options),
            DataHashes = new Dictionary<string, string> { [$"{options.Dataset} train"] = data.Published.ContentHash },
            BestHash = File.Exists(folder.BestPath) ? HashFile(folder.BestPath) : null,
            Notes = notes, Splits = [.. _splits],
        });
    }

    public static TrainResult Result(RunFolder folder, FinalResult final) => new()
    {
        Run = folder.Path, Epochs = final.Epochs, Objective = final.Objective, Stopped = final.Stopped,
        Best = final.Best, Validation = final.Validation, Test = final.Test, PeakBytes = final.PeakBytes,
        ImagesPerSecond = final.ImagesPerSecond,
    };

    /// <summary>The result of a run that has finished, from its files.</summary>
    public static TrainResult ReadResult(RunFolder folder)
    {
        try
        {
            var final = JsonSerializer.Deserialize<FinalResult>(File.ReadAllText(folder.FinalPath), RunJson.Indented)
                ?? throw new JsonException("nothing");
            return Result(folder, final);
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new CodatException(
                "the run has finished, but its result cannot be read", folder.FinalPath, "the final evaluation as JSON",
                e.Message, inner: e);
        }
    }

    private void Add(SplitRead read)
    {
        if (!_splits.Any(s => s.Split == read.Split && s.Hash == read.Hash)) _splits.Add(read);
    }

    private static Dictionary<string, string> Versions() => new()
    {
        ["codat"] = typeof(RunFiles).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
        ["dotnet"] = Environment.Version.ToString(), ["system"] = RuntimeInformation.OSDescription,
        ["processor"] = RuntimeInformation.ProcessArchitecture.ToString(),
    };

    private static string HashFile(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
