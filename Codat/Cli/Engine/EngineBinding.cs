using System.Text.Json.Nodes;
using Codat.Native.Interop;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>The one place where commands meet the library. Results have the shapes that <c>--json</c> prints.</summary>
internal static class EngineBinding
{
    /// <summary>The image shape of a data set whose name does not tell it, or null.</summary>
    internal static ImageShape? ShapeOf(string dataset, string? data, ulong seed) => null;

    internal static TrainResult Train(TrainOptions options, ITrainingView view, CancellationToken cancellation)
        => throw NotBuilt("train");

    internal static TrainResult Resume(ResumeOptions options, ITrainingView view, CancellationToken cancellation)
        => throw NotBuilt("train --resume");

    internal static JsonObject Eval(EvalOptions options, IProgressView view, CancellationToken cancellation)
        => throw NotBuilt("eval");

    internal static JsonObject Attack(AttackOptions options, IProgressView view, CancellationToken cancellation)
        => throw NotBuilt("attack");

    internal static JsonObject Predict(PredictOptions options, IProgressView view, CancellationToken cancellation)
        => throw NotBuilt("predict");

    internal static JsonObject Weights(WeightsOptions options) => throw NotBuilt("weights");

    internal static JsonObject Report(ReportOptions options) => throw NotBuilt("report");

    internal static JsonObject DataList(DataOptions options) => throw NotBuilt("data list");

    internal static JsonObject DataVerify(DataOptions options, IProgressView view, CancellationToken cancellation)
        => throw NotBuilt("data verify");

    internal static JsonObject DataFetch(DataOptions options, IProgressView view, CancellationToken cancellation)
        => throw NotBuilt("data fetch");

    internal static JsonObject Export(ExportOptions options) => throw NotBuilt("export");

    internal static JsonObject Import(ImportOptions options) => throw NotBuilt("import");

    internal static JsonObject Profile(ProfileOptions options, IProgressView view, CancellationToken cancellation)
        => throw NotBuilt("profile");

    private static CodatException NotBuilt(string command)
        => new($"codat {command} is not built yet", isUsage: false);
}
