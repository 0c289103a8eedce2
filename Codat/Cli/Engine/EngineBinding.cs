using System.Text.Json.Nodes;
using Codat.Native.Data;
using Codat.Native.Layers;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>The one place where commands meet the library. Results have the shapes that <c>--json</c> prints.</summary>
internal static class EngineBinding
{
    /// <summary>The image shape of a data set whose name does not tell it.</summary>
    internal static ImageShape? ShapeOf(string dataset, string? data, ulong seed) =>
        DatasetCatalog.Load(dataset, data, DatasetSplit.Train, seed).Shape;

    internal static TrainResult Train(TrainOptions options, ITrainingView view, CancellationToken cancellation)
    {
        using var observer = new ObserverAdapter(view);
        return Trainer.Run(options, observer, cancellation);
    }

    internal static TrainResult Resume(ResumeOptions options, ITrainingView view, CancellationToken cancellation)
    {
        using var observer = new ObserverAdapter(view);
        return Trainer.Resume(options.Resume, options, observer, cancellation);
    }

    internal static JsonObject Eval(EvalOptions options, IProgressView view, CancellationToken cancellation) =>
        EvalEngine.Run(options, view, cancellation);

    internal static CompareOutcome Compare(
        CompareOptions options, ICompareObserver observer, CancellationToken cancellation) =>
        Comparer.Run(options, observer, cancellation);

    internal static JsonObject Attack(AttackOptions options, IProgressView view, CancellationToken cancellation) =>
        AttackEngine.Run(options, view, cancellation);

    internal static JsonObject Predict(PredictOptions options, IProgressView view, CancellationToken cancellation) =>
        PredictEngine.Run(options, view, cancellation);

    internal static JsonObject Weights(WeightsOptions options)
    {
        var result = WeightsReport.Solve(options.Risks, options.Prior, options.Ball, options.Eta);
        return JsonNode.Parse(WeightsReport.ToJson(result))!.AsObject(); // an object was just written
    }

    internal static JsonObject Report(ReportOptions options)
    {
        // --out is a folder for reports; by default a single run keeps its page with itself.
        var isOneRun = options.Runs.Count == 1 && Directory.Exists(options.Runs[0]);
        var outcome = ReportWriter.WriteAll(
            options.Runs, options.Out ?? (isOneRun ? options.Runs[0] : "."), options.Baseline);
        var result = new JsonObject
        {
            ["report"] = outcome.Page, ["table"] = outcome.Table, ["result"] = outcome.Result,
        };
        foreach (var (key, value) in outcome.Comparison ?? []) result.Add(key, value?.DeepClone());
        return result;
    }

    internal static JsonObject DataList(DataOptions options) => DataEngine.List(options);

    internal static JsonObject DataVerify(DataOptions options, IProgressView view, CancellationToken cancellation) =>
        DataEngine.Verify(options, view, cancellation);

    internal static JsonObject DataFetch(DataOptions options, IProgressView view, CancellationToken cancellation) =>
        DataEngine.Fetch(options, view, cancellation);

    internal static JsonObject Export(ExportOptions options) => WeightsEngine.Export(options);

    internal static JsonObject Import(ImportOptions options) => WeightsEngine.Import(options);

    internal static JsonObject Profile(ProfileOptions options, IProgressView view, CancellationToken cancellation) =>
        StepProfiler.Run(options, view.Progress, view.Notice, cancellation);

    internal static JsonObject CacheBuild(IReadOnlyList<int>? architectures, IProgressView view,
        CancellationToken cancellation) => CacheEngine.Build(architectures, view, cancellation);

    internal static JsonObject CacheList() => CacheEngine.List();

    internal static JsonObject CacheClear() => CacheEngine.Clear();
}
