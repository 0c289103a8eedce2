using System.Text.Json.Nodes;
using static Codat.Native.Robust.SettingText;

namespace Codat.Native.Robust;

/// <summary>All settings of a training run, in the order of help texts and of <c>config.json</c>.</summary>
internal static class TrainSettings
{
    private const string Preset = "preset";
    private const string FromZero = "a number of at least 0";
    private const string BelowOne = "a number from 0 to below 1";

    internal static readonly TrainSetting[] All =
    [
        new("dataset", "NAME", DataSetPreset.Default, "data set: " + DataSetPreset.Names,
            (o, t, w) => o with { Dataset = DataSetPreset.Find(t, w).Name }, o => o.Dataset),
        new("data", "DIR", "$CODAT_DATA, else the data folder of the user", "folder that holds the data set",
            (o, t, w) => o with { Data = Path(t, w) }, o => o.Data) { InHash = false },
        new("model", "NAME", Preset, "network: " + ModelName.Names,
            (o, t, w) => o with { Model = ModelName.Parse(t, w) }, o => o.Model),
        new("init", "FILE", "none", "weights to start from (fine-tuning)",
            (o, t, w) => o with { Init = Path(t, w) }, o => o.Init),
        new("objective", "NAME", "codat",
            "method, a preset of --loss and --class-weights: " + SettingNames.Objectives.Names,
            (o, t, w) => o with { Objective = SettingNames.ParseObjective(t, w) },
            o => SettingNames.Objectives.Print(o.Objective)),
        new("loss", "KIND", "ce", SettingNames.Losses.Names,
            (o, t, w) => o with { Loss = SettingNames.Losses.Parse(t, w) }, o => SettingNames.Losses.Print(o.Loss)),
        new("class-weights", "KIND", "codat", SettingNames.ClassWeights.Names,
            (o, t, w) => o with { ClassWeights = SettingNames.ClassWeights.Parse(t, w) },
            o => SettingNames.ClassWeights.Print(o.ClassWeights)),
        new("set", "KEY=X", "the method's", "numbers of the method's own (--help-objective NAME lists them)",
            (o, t, w) => o with { Set = MethodNumbers.Parse(t, w) }, o => o.Set.ToString()) 
            { IsList = true, IsLater = true },
        new("beta", "X", "6; mart 5", "weight of the KL term of trades, mart and bat",
            (o, t, w) => o with { Beta = Real(t, w, FromZero, x => x >= 0) }, o => Number(o.Beta)),
        new("eta", "X|auto", "0.3; faal 0.5",
            "radius of the ball (chi-square: sum (p-p0)^2/p0); for cvar the share; for CODAT also "
            + EtaRuleSheet.Choices, ApplyEta,
            o => o.EtaRule is { } rule ? EtaRuleSheet.Of(rule).Text : Number(o.Eta)),
        new("weights", "KIND", "exact", "exact, or published (signed closed form)",
            (o, t, w) => o with { Weights = SettingNames.Solvers.Parse(t, w) },
            o => SettingNames.Solvers.Print(o.Weights)),
        new("risk", "POLICY", "batch", "class risks: batch, or ema:0.9",
            (o, t, w) => o with { Risk = RiskPolicy.Parse(t, w) }, o => o.Risk.ToString()),
        new("missing", "POLICY", "renormalise", "classes absent from a batch: renormalise or ema",
            (o, t, w) => o with { Missing = SettingNames.Missing.Parse(t, w) },
            o => SettingNames.Missing.Print(o.Missing)),
        new("variance", "KIND", "plain", "plain or debiased",
            (o, t, w) => o with { Variance = SettingNames.Variances.Parse(t, w) },
            o => SettingNames.Variances.Print(o.Variance)),
        new("prior", "PRIOR", "uniform", "uniform, frequency, or a file: npy or one line of K numbers",
            (o, t, w) => o with { Prior = PriorSpec.Parse(t, w) }, o => o.Prior.ToString()),
        new("norm", "NORM", "linf", "linf or l2",
            (o, t, w) => o with { Norm = SettingNames.Norms.Parse(t, w) }, o => SettingNames.Norms.Print(o.Norm)),
        new("eps", "X", "8/255; 28x28 grey 0.1; l2 0.5", "radius of the attack: N/255 or a number",
            (o, t, w) => o with { Eps = Magnitude.Parse(t, w) }, o => o.Eps.Text),
        new("step", "X", "2/255; 28x28 grey 0.02; l2 0.125", "step of the attack: N/255 or a number",
            (o, t, w) => o with { Step = ParseStep(t, w) }, o => o.Step.Text),
        new("steps", "N", "10", "steps of the attack",
            (o, t, w) => o with { Steps = Integer(t, w, 1, 4095) }, o => o.Steps),
        new("start", "KIND", "uniform; trades, mart, bat gaussian", "start of the attack: zero, uniform or gaussian",
            (o, t, w) => o with { Start = SettingNames.Starts.Parse(t, w) }, o => SettingNames.Starts.Print(o.Start)),
        new("attack-bn", "MODE", "eval", "batch norm in the attack: eval, batch or train",
            (o, t, w) => o with { AttackBn = SettingNames.AttackBatchNorms.Parse(t, w) },
            o => SettingNames.AttackBatchNorms.Print(o.AttackBn)),
        new("epochs", "N", Preset, "passes over the training images",
            (o, t, w) => o with { Epochs = Integer(t, w, 1) }, o => o.Epochs),
        new("batch", "N", Preset, "images in a step",
            (o, t, w) => o with { Batch = Integer(t, w, 1) }, o => o.Batch),
        new("lr", "X", Preset, "full learning rate",
            (o, t, w) => o with { Lr = Real(t, w, "a number above 0", x => x > 0) }, o => Number(o.Lr)),
        new("momentum", "X", "0.9", "momentum of the optimiser",
            (o, t, w) => o with { Momentum = Real(t, w, BelowOne, x => x is >= 0 and < 1) }, o => Number(o.Momentum)),
        new("nesterov", null, "off", "Nesterov's form of momentum",
            (o, t, w) => o with { Nesterov = Boolean(t, w) }, o => o.Nesterov),
        new("weight-decay", "X", "0.0005", "weight decay",
            (o, t, w) => o with { WeightDecay = Real(t, w, FromZero, x => x >= 0) }, o => Number(o.WeightDecay)),
        new("schedule", "SPEC", Preset, "piecewise:75%,90% (integers are epochs), cosine, onecycle, cyclic or constant",
            (o, t, w) => o with { Schedule = ScheduleSpec.Parse(t, w) }, o => o.Schedule.ToString()),
        new("augment", "KIND", Preset, "none, crop4 or crop4+flip",
            (o, t, w) => o with { Augment = SettingNames.Augments.Parse(t, w) },
            o => SettingNames.Augments.Print(o.Augment)),
        new("label-smoothing", "X", "0", "share of a label spread over all classes",
            (o, t, w) => o with { LabelSmoothing = Real(t, w, BelowOne, x => x is >= 0 and < 1) },
            o => Number(o.LabelSmoothing)),
        new("awp", "GAMMA", Off, "move weights against each step first, by this share of each layer's norm (0.01)",
            (o, t, w) => o with { Awp = ParseAwp(t, w) }, o => o.Awp is double g ? Number(g) : Off)
            { IsLater = true },
        new("ema", "D", Off, "decay per step of the average of the weights",
            (o, t, w) => o with { Ema = ParseEma(t, w) }, o => o.Ema is double d ? Number(d) : Off),
        new("swa", "START%", Off, "average the weights of the ends of epochs after this share of them",
            (o, t, w) => o with { Swa = ParseSwa(t, w) }, o => o.Swa is double p ? Print(p) + "%" : Off)
            { IsLater = true },
        new("average-gate", "T", Off,
            "average epochs whose worst class reaches this robust accuracy (0 to 1); --ema (0.88) decays per epoch",
            (o, t, w) => o with { AverageGate = ParseGate(t, w) }, o => o.AverageGate is double g ? Number(g) : Off)
            { IsLater = true },
        new("val", "SIZE", "10%", "validation split, stratified: a share, a count or none",
            (o, t, w) => o with { Val = ValSpec.Parse(t, w) }, o => o.Val.ToString()),
        new("val-attack", "ATTACK", "pgd-10", "attack on the validation split, by which best is chosen",
            (o, t, w) => o with { ValAttack = AttackExpression.Parse(t, w) }, o => o.ValAttack.Name),
        new("early-stop", "N", Off, "stop after N epochs without a better worst class",
            (o, t, w) => o with { EarlyStop = Limit(t, w) }, o => OrOff(o.EarlyStop)),
        new("test", "LIST", "pgd-20", "attacks of the final test of best, or none",
            (o, t, w) => o with { Test = AttackList.Parse(t, w, allowNone: true) }, o => o.Test.ToString()),
        new("max-steps", "N", Off, "end the run after N steps; the schedule stays as it was",
            (o, t, w) => o with { MaxSteps = Limit(t, w) }, o => OrOff(o.MaxSteps)),
        new("train-limit", "N", Off, "training images used, drawn by seed, stratified",
            (o, t, w) => o with { TrainLimit = Limit(t, w) }, o => OrOff(o.TrainLimit)),
        new("val-limit", "N", Off, "validation images used, drawn by seed, stratified",
            (o, t, w) => o with { ValLimit = Limit(t, w) }, o => OrOff(o.ValLimit)),
        new("test-limit", "N", Off, "test images used, the first N",
            (o, t, w) => o with { TestLimit = Limit(t, w) }, o => OrOff(o.TestLimit)),
        new("log-steps", null, "off", "keep risks and weights of every step in steps/",
            (o, t, w) => o with { LogSteps = Boolean(t, w) }, o => o.LogSteps),
        new("precision", "KIND", "fp32", "arithmetic: fp32; on CUDA also tf32 or bf16",
            (o, t, w) => o with { Precision = SettingNames.Precisions.Parse(t, w) },
            o => SettingNames.Precisions.Print(o.Precision)),
        new("determinism", "KIND", "reproducible", "fast, reproducible or strict",
            (o, t, w) => o with { Determinism = SettingNames.Determinisms.Parse(t, w) },
            o => SettingNames.Determinisms.Print(o.Determinism)),
        new("save-every", "TIME", "10m", "save the state at least this often: 30s, 10m, or off for ends of epochs only",
            (o, t, w) => o with { SaveEvery = DurationSpec.Parse(t, w) }, o => o.SaveEvery.ToString())
            { InHash = false },
        new("imbalance", "exp:R", Off, "class k of K keeps R^(k/(K-1)) of its images",
            (o, t, w) => o with { Imbalance = ImbalanceSpec.Parse(t, w) }, o => o.Imbalance?.ToString() ?? Off),
        new("keep", "LIST", Off, "shares of single classes that are kept: 3=0.2,5=0.5",
            (o, t, w) => o with { Keep = KeepSpec.Parse(t, w) }, o => o.Keep?.ToString() ?? Off),
        new("tensorboard", null, "off", "write TensorBoard events into the run folder",
            (o, t, w) => o with { Tensorboard = Boolean(t, w) }, o => o.Tensorboard),
        new("seed", "N", "0", "seed of everything random",
            (o, t, w) => o with { Seed = Seed(t, w) }, o => o.Seed),
        new("device", "DEVICE", "auto", "auto, cpu, cuda or cuda:N",
            (o, t, w) => o with { Device = DeviceSpec.Parse(t, w) }, o => o.Device.Text) { InHash = false },
        new("threads", "N", "all", "threads used",
            (o, t, w) => o with { Threads = ParseThreads(t, w) }, o => o.Threads is int n ? n : "all")
            { InHash = false },
        new("out", "DIR", "runs/yyyyMMdd-HHmmss-DATASET-MODEL-OBJECTIVE-sSEED",
            "run folder; an existing one that is not empty is refused",
            (o, t, w) => o with { Out = Path(t, w) }, o => o.Out) { InConfig = false, InHash = false },
    ];

    /// <summary>The setting of a name, or null.</summary>
    internal static TrainSetting? Find(string name)
    {
        foreach (TrainSetting setting in All)
        {
            if (setting.Name == name) return setting;
        }
        return null;
    }

    internal static int? ParseThreads(string text, string where)
    {
        if (text == "all") return null;
        return TryInteger(text, out int threads) && threads is >= 1 and <= 4096
            ? threads
            : throw Bad(text, where, "a whole number from 1 to 4096, or all");
    }

    internal static double ParseEta(string text, string where) => Real(text, where, FromZero, x => x >= 0);

    private static TrainOptions ApplyEta(TrainOptions options, string text, string where)
    {
        if (EtaRuleSheet.Find(text) is { } rule) return options with { Eta = 0, EtaRule = rule };
        return TryReal(text, out var eta) && eta >= 0
            ? options with { Eta = eta, EtaRule = null }
            : throw Bad(text, where, $"{FromZero}, {EtaRuleSheet.Choices}");
    }

    internal static Magnitude ParseStep(string text, string where)
    {
        Magnitude step = Magnitude.Parse(text, where);
        return step.Value > 0 ? step : throw Bad(text, where, "N/255 or a number above 0");
    }

    private static double? ParseEma(string text, string where)
        => text == Off ? null : Real(text, where, "a decay from 0 to below 1, or off", x => x is >= 0 and < 1);

    private static double? ParseAwp(string text, string where)
        => text == Off ? null : Real(text, where, "a share above 0 and below 1, or off", x => x is > 0 and < 1);

    private static double? ParseSwa(string text, string where)
    {
        if (text == Off) return null;
        return text.EndsWith('%') && TryReal(text.AsSpan(0, text.Length - 1), out double percent)
            && percent is >= 0 and < 100
            ? percent
            : throw Bad(text, where, "a share of the epochs such as 75%, from 0% to below 100%, or off");
    }

    private static double? ParseGate(string text, string where)
        => text == Off ? null : Real(text, where, "an accuracy from 0 to 1, or off", x => x is >= 0 and <= 1);

    private static string Path(string text, string where)
        => text.Length > 0 ? text : throw Bad(text, where, "a path");

    // JSON has no word for not-a-number; as text it is refused by name when it is read.
    private static JsonNode Number(double value) => double.IsFinite(value) ? value : Print(value);

    private static JsonNode OrOff(int? value) => value is int number ? number : Off;
}
