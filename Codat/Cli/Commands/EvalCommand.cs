using System.CommandLine;
using System.Text.Json.Nodes;
using Codat.Native.Interop;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary><c>codat eval</c></summary>
internal sealed class EvalCommand : CliCommand
{
    internal override Command Build(CliContext context, CancellationToken cancellation)
        => Make("eval", "Evaluate a checkpoint under attack, per class, with intervals.", context,
            (given, session) => Run(given, session, cancellation),
        [
            .. CheckpointSymbols.All,
            Text("dataset", "NAME", "data set: " + DataSetPreset.Names, "the checkpoint's"),
            Text("data", "DIR", "folder that holds the data set", "$CODAT_DATA, else the data folder of the user"),
            Text("split", "NAME", "test, val or train", "test"),
            Text("limit", "N", "images used, the first N", "all"),
            Text("attack", "LIST", "clean, fgsm, pgd-K[xR][@STEP], cw-K[xR][@STEP], separated by commas",
                "clean,pgd-20"),
            Text("restarts", "R", "restarts of attacks without a suffix", "1"),
            Text("norm", "NORM", "linf or l2", "the checkpoint's"),
            Text("eps", "X", "radius: N/255 or a number", "the checkpoint's"),
            Text("step", "X", "step of attacks without a suffix: N/255 or a number", "the checkpoint's"),
            Text("class-map", "FILE", "JSON that maps source classes to target ones, for another data set"),
            Text("resize", "N", "side images are resized to"),
            Text("evidence", "FILE", "CSV with a line per image; an interrupted evaluation continues from FILE.state"),
            Text("until-decided", "CLAIM", "stop when \"worst|average|class:K >=|<= X\" is decided"),
            Text("baseline", "FILE", "final.json or output of eval --json: adds rho and elasticity"),
            Text("surrogate", "FILE", "second weight file: adds the attack transfer, images made on its network"),
            Text("telemetry", "BOOL", "note what attacks see step by step", "true"),
            Text("checks", "BOOL", "check whether gradients are masked, and more that would mislead attacks", "true"),
            Text("corrupt", "KIND:N", "corrupt the images first: noise, blur, contrast, shift or rotation, 1 to 3"),
        ]);

    private static int Run(Given given, Session session, CancellationToken cancellation)
    {
        EvalOptions options = Read(given);
        IProgressView view = ProgressView.Create(session);
        JsonObject result = EngineBinding.Eval(options, view, cancellation);
        session.Result(result, output => EvalText.Write(result, output));
        return ExitCode.Done;
    }

    private static EvalOptions Read(Given given)
    {
        (float[]? mean, float[]? std) = CheckpointSymbols.Normalisation(given);
        var options = new EvalOptions
        {
            Checkpoint = given.Required("checkpoint", "FILE"),
            Model = given.Text("model") is string model ? ModelName.Parse(model, "--model") : null,
            Classes = given.ReadOrNull("classes", CheckpointSymbols.Classes),
            Mean = mean,
            Std = std,
            Batch = given.ReadOrNull("batch", CheckpointSymbols.Positive),
            Dataset = given.Text("dataset") is string name ? DataSetPreset.Find(name, "--dataset").Name : null,
            Data = given.Text("data"),
            Split = given.Read("split", SettingNames.Splits.Parse, SplitKind.Test),
            Limit = given.ReadOrNull("limit", CheckpointSymbols.Positive),
            Restarts = given.Read("restarts", CheckpointSymbols.Positive, 1),
            Norm = given.ReadOrNull("norm", SettingNames.Norms.Parse),
            Eps = given.ReadOrNull("eps", Magnitude.Parse),
            Step = given.ReadOrNull("step", TrainSettings.ParseStep),
            ClassMap = given.Text("class-map"),
            Resize = given.ReadOrNull("resize", CheckpointSymbols.Positive),
            Evidence = given.Text("evidence"),
            UntilDecided = given.Text("until-decided") is string claim
                ? AccuracyClaim.Parse(claim, "--until-decided") : null,
            Baseline = given.Text("baseline"),
            Surrogate = given.Text("surrogate"),
            Telemetry = given.Read("telemetry", SettingText.Boolean, true),
            Checks = given.Read("checks", SettingText.Boolean, true),
            Corrupt = given.ReadOrNull("corrupt", CorruptionText.Parse),
        };
        if (given.Text("attack") is string attacks)
            options = options with { Attack = AttackList.Parse(attacks, "--attack") };
        if (options is { Evidence: not null, UntilDecided: not null })
            throw new CodatException("evidence needs every attack to end", "--evidence", "no --until-decided",
                "both", "leave one of the two out");
        ThreatSymbols.Check(options.Norm, options.Eps, options.Step);
        return CommonSymbols.With(options, given);
    }
}
