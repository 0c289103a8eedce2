using System.CommandLine;
using System.Text.Json.Nodes;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary><c>codat predict</c></summary>
internal sealed class PredictCommand : CliCommand
{
    internal override Command Build(CliContext context, CancellationToken cancellation)
        => Make("predict", "Compute logits of arrays on disk.", context,
            (given, session) => Run(given, session, cancellation),
        [
            .. CheckpointSymbols.All,
            Text("input", "FILE", "images: float32 N,C,H,W in [0,1] or uint8 N,H,W,C (.npy)"),
            Text("labels", "FILE", "labels: int64 or int32 (.npy); adds the accuracy to the result"),
            Text("out", "FILE", "logits, float32 N,K (.npy)"),
        ]);

    private static int Run(Given given, Session session, CancellationToken cancellation)
    {
        (float[]? mean, float[]? std) = CheckpointSymbols.Normalisation(given);
        PredictOptions options = CommonSymbols.With(new PredictOptions
        {
            Checkpoint = given.Required("checkpoint", "FILE"),
            Model = given.Text("model") is string model ? ModelName.Parse(model, "--model") : null,
            Classes = given.ReadOrNull("classes", CheckpointSymbols.Classes),
            Mean = mean,
            Std = std,
            Batch = given.ReadOrNull("batch", CheckpointSymbols.Positive),
            Input = given.Required("input", "FILE"),
            Labels = given.Text("labels"),
            Out = given.Required("out", "FILE"),
        }, given);
        JsonObject result = EngineBinding.Predict(options, ProgressView.Create(session), cancellation);
        session.Result(result, output => output.WriteLine(
            $"logits of {Numbers.Count(result.Number("n") ?? 0)} images written to {options.Out}"));
        return ExitCode.Done;
    }
}
