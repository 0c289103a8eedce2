using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Codat.Native.Autograd;
using Codat.Native.Data;
using Codat.Native.Interop;
using Codat.Native.Layers;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>Robust evaluation of a checkpoint on a split of a data set.</summary>
internal static class EvalEngine
{
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    public static JsonObject Run(EvalOptions options, IProgressView view, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        using var checkpoint = Checkpoint.Open(options, view);
        var threat = Threat.Of(checkpoint, options.Norm, options.Eps, options.Step);
        using var surrogate = Surrogate(options, checkpoint);
        var attacks = options.Attack
            .Select(a => a.Resolve(threat.Norm, threat.Eps, threat.Step, options.Restarts))
            .Concat(surrogate is null ? [] : [TransferAttack.Of(threat.Norm, threat.Eps, threat.Step)])
            .ToArray();
        var images = Fit(Images(options, checkpoint), options, checkpoint);
        if (options.Limit is { } limit) images = Subset.First(images, limit);
        if (images.Count == 0)
            throw new CodatException("there are no images to evaluate", "--split", "at least one image", "none");

        var split = SettingNames.Splits.Print(options.Split);
        // Whatever can be wrong with a file is found out before the attacks run.
        var baseline = options.Baseline is null ? null : BaselineFile.Read(options.Baseline, split);
        baseline?.Check(attacks.Select(a => a.Name), threat.Norm, threat.Eps);
        var how = new EvaluatorOptions
        {
            Batch = options.Batch ?? EvaluatorOptions.DefaultBatch, Seed = options.Seed, Progress = view.Progress,
            Telemetry = options.Telemetry, Surrogate = surrogate,
        };
        Decision? decision = null;
        IReadOnlyList<AttackResult> results;
        IReadOnlyList<CheckResult> checks = [];
        if (options.UntilDecided is { } claim)
            (decision, results) = BudgetedEvaluation.Run(checkpoint.Network, how, images, attacks, claim, cancellation);
        else
        {
            var outcomes = Attack(checkpoint, how, images, attacks, options.Evidence, cancellation);
            results = EvaluationRun.Results(outcomes);
            if (options.Checks) checks = MaskingChecks.Run(checkpoint.Network, outcomes, results);
        }
        var report = EvaluationRun.Report(
            options.Checkpoint, split, images, baseline?.Compare(results) ?? results, threat.Norm, threat.Eps,
            options.Seed, Stopwatch.GetElapsedTime(start)) with
        {
            Decision = decision, Evidence = options.Evidence, Surrogate = options.Surrogate,
            Checks = checks,
        };
        return JsonNode.Parse(EvalReport.ToJson(report))!.AsObject(); // an object was just written
    }

    private static EvaluationOutcomes Attack(Checkpoint checkpoint, EvaluatorOptions how, IDataset images,
        ResolvedAttack[] attacks, string? evidence, CancellationToken cancellation)
    {
        if (evidence is null)
        {
            using var evaluator = new Evaluator(checkpoint.Network, how);
            return EvaluationRun.Outcomes(evaluator, images, attacks, null, cancellation);
        }
        var key = EvaluationKey.Of(checkpoint.Network, images, attacks, how.Seed, how.Surrogate,
            checkpoint.Network.Device is CudaDevice ? how.Batch : null);
        using var store = EvaluationStore.Open(evidence + ".state", key, attacks);
        using var recorded = new Evaluator(checkpoint.Network, how with { AfterBatch = store.AfterBatch });
        var outcomes = EvaluationRun.Outcomes(recorded, images, attacks, store, cancellation);
        EvidenceFile.Write(evidence, outcomes);
        store.Remove();
        return outcomes;
    }

    private static Network? Surrogate(EvalOptions options, Checkpoint checkpoint)
    {
        if (options.Surrogate is not { } path) return null;
        var network = WeightFile.Load(path, checkpoint.Device).Network;
        try
        {
            TransferAttack.Check(checkpoint.Network.Spec, network.Spec, path);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static IDataset Images(EvalOptions options, Checkpoint checkpoint)
    {
        var name = options.Dataset ?? checkpoint.Options?.Dataset
            ?? throw new CodatException("the weight file does not say which data set it is for", "--dataset",
                "a data set", "none", "give --dataset");
        var folder = options.Data ?? (name == checkpoint.Options?.Dataset ? checkpoint.Options.Data : null);
        if (options.Split == SplitKind.Test) return DatasetCatalog.Load(name, folder, DatasetSplit.Test, options.Seed);
        if (checkpoint.Options is not { } trained || trained.Dataset != name)
        {
            if (options.Split == SplitKind.Train)
                return DatasetCatalog.Load(name, folder, DatasetSplit.Train, options.Seed);
            throw new CodatException(
                "the validation split of a foreign file is not known", "--split", "test or train", "val",
                "the split is rebuilt from the settings of the run that wrote the file");
        }
        var selected = TrainingData.Select(
            trained, DatasetCatalog.Load(name, folder, DatasetSplit.Train, trained.Seed));
        if (options.Split == SplitKind.Train) return selected.Train;
        return selected.Validation
            ?? throw new CodatException(
                "the run kept no validation split", "--split", "a run with --val", "--val none", "use --split test");
    }

    private static IDataset Fit(IDataset images, EvalOptions options, Checkpoint checkpoint)
    {
        var spec = checkpoint.Network.Spec;
        if (options.Corrupt is { } corruption) images = new CorruptedDataset(images, corruption, options.Seed);
        if (options.Resize is { } side) images = new ResizedDataset(images, side, side);
        if (options.ClassMap is { } map)
            images = MappedDataset.Create(
                images, ReadMap(map, images.Classes, spec.Classes), checkpoint.Loaded.ClassNames, spec.Classes);
        var shape = images.Shape;
        if (shape.Height != spec.Height || shape.Width != spec.Width || shape.Channels != spec.Channels)
        {
            throw new CodatException("the images do not fit the network", images.Name,
                $"{spec.Height}x{spec.Width}x{spec.Channels}", $"{shape}",
                shape.Channels == spec.Channels ? $"give --resize {spec.Height}" : null);
        }
        if (images.Classes != spec.Classes)
            throw new CodatException("the data set has another number of classes", images.Name, $"{spec.Classes}",
                $"{images.Classes}", "give --class-map");
        return images;
    }

    /// <summary>A JSON object or array from source class to target class or null; who is not named is left
    /// out.</summary>
    private static int?[] ReadMap(string path, int sources, int targets)
    {
        try
        {
            var invariant = CultureInfo.InvariantCulture;
            var entries = JsonNode.Parse(File.ReadAllText(path), documentOptions: s_strict) switch
            {
                JsonArray array => array.Select((value, k) => (Name: k.ToString(invariant), Value: value)),
                JsonObject named => named.Select(entry => (Name: entry.Key, entry.Value)),
                _ => throw new FormatException("it is neither an object nor an array"),
            };
            var map = new int?[sources];
            foreach (var (name, value) in entries)
            {
                if (!int.TryParse(name, NumberStyles.None, invariant, out var k) || k >= sources)
                    throw new CodatException("the class map names a class the data set lacks",
                        $"{path}, class {name}", $"0 to {sources - 1}", name);
                map[k] = value?.GetValue<int>();
                if (map[k] is { } target && (target < 0 || target >= targets))
                    throw new CodatException("the class map names a class the network lacks", $"{path}, class {k}",
                        $"0 to {targets - 1} or null", $"{target}");
            }
            return map;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException
            or InvalidOperationException or FormatException)
        {
            throw new CodatException(
                "the class map cannot be read", path, "{\"0\": 0, \"1\": 2, \"6\": null, ...}", e.Message, inner: e);
        }
    }
}
