using System.CommandLine;
using System.Text.Json.Nodes;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary><c>codat attack</c></summary>
internal sealed class AttackCommand : CliCommand
{
    internal override Command Build(CliContext context, CancellationToken cancellation)
        => Make("attack", "Make adversarial examples of arrays on disk (plain PGD).", context,
            (given, session) => Run(given, session, cancellation),
        [
            .. CheckpointSymbols.All,
            Text("input", "FILE", "images: float32 N,C,H,W in [0,1] or uint8 N,H,W,C (.npy)"),
            Text("labels", "FILE", "labels: int64 or int32 (.npy)"),
            Text("out", "FILE", "adversarial images, float32 N,C,H,W (.npy)"),
            Text("norm", "NORM", "linf or l2", "the checkpoint's"),
            Text("eps", "X", "radius: N/255 or a number", "the checkpoint's"),
            Text("step", "X", "step: N/255 or a number", "the checkpoint's"),
            Text("steps", "N", "number of steps", "the checkpoint's"),
            Text("start", "START", "zero, uniform, or a file of start images", "uniform"),
            Text("attack-bn", "MODE", "batch norm in the attack: eval, batch or train", "eval"),
            Text("report", "FILE", "a row per image: id,class,clean,first_success,loss,norm (.csv)"),
        ]);

    private static int Run(Given given, Session session, CancellationToken cancellation)
    {
        AttackOptions options = Read(given);
        JsonObject result = EngineBinding.Attack(options, ProgressView.Create(session), cancellation);
        session.Result(result, output => output.WriteLine(
            $"{Numbers.Count(result.Number("n") ?? 0)} images: "
            + $"{Numbers.Count(result.Number("cleanCorrect") ?? 0)} right, "
            + $"{Numbers.Count(result.Number("robustCorrect") ?? 0)} still right under attack, "
            + $"largest norm {Numbers.Short(result.Number("maxNorm"))}; written to {options.Out}"));
        return ExitCode.Done;
    }

    private static AttackOptions Read(Given given)
    {
        (float[]? mean, float[]? std) = CheckpointSymbols.Normalisation(given);
        var options = new AttackOptions
        {
            Checkpoint = given.Required("checkpoint", "FILE"),
            Model = given.Text("model") is string model ? ModelName.Parse(model, "--model") : null,
            Classes = given.ReadOrNull("classes", CheckpointSymbols.Classes),
            Mean = mean,
            Std = std,
            Batch = given.ReadOrNull("batch", CheckpointSymbols.Positive),
            Input = given.Required("input", "FILE"),
            Labels = given.Required("labels", "FILE"),
            Out = given.Required("out", "FILE"),
            Norm = given.ReadOrNull("norm", SettingNames.Norms.Parse),
            Eps = given.ReadOrNull("eps", Magnitude.Parse),
            Step = given.ReadOrNull("step", TrainSettings.ParseStep),
            Steps = given.ReadOrNull("steps", (text, where) => SettingText.Integer(text, where, 1, 4095)),
            AttackBn = given.Read("attack-bn", SettingNames.AttackBatchNorms.Parse, AttackBatchNorm.Eval),
            Report = given.Text("report"),
        };
        ThreatSymbols.Check(options.Norm, options.Eps, options.Step);
        options = given.Text("start") switch
        {
            null or "uniform" => options,
            "zero" => options with { Start = AttackStart.Zero },
            string file => options with { StartFile = file },
        };
        return CommonSymbols.With(options, given);
    }
}
