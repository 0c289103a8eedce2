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
internal sealed class RunFiles(RunFolder folder, TrainOptions options, TrainingData data)
{
    private readonly List<SplitRead> _splits = [];
    private MetricsFile? _metrics;
    private ClassesFile? _classes;
    private StepLog? _steps;

    private MetricsFile Metrics => _metrics ?? throw new InvalidOperationException("the run's files are not open");

    public void Open(int metricLines, long steps)
    {
        _metrics = MetricsFile.Open(folder.MetricsPath, metricLines);
        _classes = ClassesFile.Open(folder.ClassesPath, metricLines);
        if (options.LogSteps) _steps = StepLog.Open(folder.StepsPath, data.Published.Classes, steps);
        if (_splits.Count > 0) return;
        _splits.Add(TrainingData.Describe("train", data.Train, "training"));
        if (data.Validation is { } validation) _splits.Add(TrainingData.Describe("val", validation, "selection of best"));
    }

    public void Close() => SaveSteps();

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
            rows[k] = new ClassRow(metrics.Epoch, k, data.Published.ClassNames[k], (int)(r?.N ?? 0), c?.Accuracy ?? double.NaN,
                r?.Accuracy ?? double.NaN, r?.Low ?? double.NaN, r?.High ?? double.NaN, metrics.Risk[k].Mean, metrics.Weight[k].Mean);
        }
        (_classes ?? throw new InvalidOperationException("the run's files are not open")).Add(rows);
    }

    /// <summary>Notes that a split was read, for the manifest.</summary>
    public void Note(SplitRead read) => _splits.Add(read);

    public void WriteManifest(CpuDevice device, TrainingData from)
    {
        var dropped = from.Train.Count % options.Batch;
        var notes = new List<string>();
        if (dropped > 0)
            notes.Add($"{dropped} of {from.Train.Count} training images are left out of each epoch: a last partial batch is dropped, and the order is new every epoch.");
        foreach (var k in from.EmptiedClasses) notes.Add($"class {k} ({from.Published.ClassNames[k]}) has no training images.");
        folder.Write(new RunManifest
        {
            Versions = Versions(), Device = device.Description, Threads = device.Threads,
            Libraries = new Dictionary<string, string> { ["vectors"] = device.Isa.ToString().ToLowerInvariant() },
            MathModes = new Dictionary<string, string>
            {
                ["precision"] = SettingNames.Precisions.Print(options.Precision),
                ["determinism"] = SettingNames.Determinisms.Print(options.Determinism),
            },
            Seed = options.Seed, ConfigHash = TrainConfig.Hash(options),
            DataHashes = new Dictionary<string, string> { [$"{options.Dataset} train"] = from.Published.ContentHash },
            BestHash = File.Exists(folder.BestPath) ? HashFile(folder.BestPath) : null,
            Notes = notes, Splits = [.. _splits],
        });
    }

    public TrainResult Result(FinalResult final, long peakBytes)
    {
        var epochs = _metrics?.Epochs ?? [];
        return new TrainResult
        {
            Run = folder.Path, Epochs = final.Epochs, Objective = final.Objective, Stopped = final.Stopped, Best = final.Best,
            Validation = final.Validation, Test = final.Test, PeakBytes = peakBytes,
            ImagesPerSecond = epochs.Count == 0 ? double.NaN : epochs.Average(e => e.ImagesPerSecond),
        };
    }

    /// <summary>The result of a run that has finished, from its files.</summary>
    public TrainResult ReadResult()
    {
        try
        {
            var final = JsonSerializer.Deserialize<FinalResult>(File.ReadAllText(folder.FinalPath), RunJson.Indented) ?? throw new JsonException("nothing");
            var lines = File.ReadAllLines(folder.MetricsPath).Length;
            _metrics = MetricsFile.Open(folder.MetricsPath, lines);
            return Result(final, _metrics.Epochs.Count == 0 ? 0 : _metrics.Epochs[^1].PeakBytes);
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new CodatException("the run has finished, but its result cannot be read", folder.FinalPath, "the final evaluation as JSON",
                e.Message, inner: e);
        }
    }

    private static Dictionary<string, string> Versions() => new()
    {
        ["codat"] = typeof(RunFiles).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
        ["dotnet"] = Environment.Version.ToString(),
        ["system"] = RuntimeInformation.OSDescription,
        ["processor"] = RuntimeInformation.ProcessArchitecture.ToString(),
    };

    private static string HashFile(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
