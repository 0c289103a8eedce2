using Codat.Native.Data;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Makes complete settings of what was typed, what a config file says, and the presets.</summary>
internal static class TrainResolver
{
    /// <summary>Resolves a run.</summary>
    /// <param name="typed">The command line.</param>
    /// <param name="config">The config file; empty without one.</param>
    /// <param name="shapeOf">The image shape of a data set whose name does not tell it: name, folder, seed.</param>
    internal static TrainOptions Resolve(SettingLayer typed, SettingLayer config,
        Func<string, string?, ulong, ImageShape?>? shapeOf = null)
    {
        config = Override(typed, config);
        string dataset = Pick(typed, config, "dataset", out string where) ?? DataSetPreset.Default;
        DataSetPreset row = DataSetPreset.Find(dataset, where);
        Norm norm = Pick(typed, config, "norm", out where) is string n ? SettingNames.Norms.Parse(n, where) : Norm.Linf;
        ObjectiveKind objective = Pick(typed, config, "objective", out where) is string o
            ? SettingNames.ParseObjective(o, where)
            : ObjectiveKind.Codat;
        ulong seed = Pick(typed, config, "seed", out where) is string s ? SettingText.Seed(s, where) : 0;
        ImageShape? shape = row.Shape ?? shapeOf?.Invoke(dataset, Pick(typed, config, "data", out _), seed);

        string? model = Pick(typed, config, "model", out _);

        TrainOptions options = TrainOptions.Preset(dataset, objective, norm, shape, model);
        options = Apply(Apply(options, config), typed);
        if (!typed.Has("start") && !config.Has("start"))
            options = options with { Start = ObjectivePreset.StartOf(options.Loss, AttackStart.Uniform) };
        options = NameObjective(options, typed, config);
        Check(options, typed, config);
        ObjectiveRules.Check(options, name => Where(typed, config, name));
        return options;
    }

    // A word typed over a complete config brings along what it stands for: an objective its loss, class weights and
    // start, a norm its radius and step. Otherwise `--config run/config.json --objective at` would train CODAT.
    private static SettingLayer Override(SettingLayer typed, SettingLayer config)
    {
        if (typed.TryGet("objective", out string name, out string where))
            config = OverrideObjective(SettingNames.ParseObjective(name, where), config);
        if (typed.Has("loss")) config = config.Without("start");
        if (typed.TryGet("eta", out string eta, out _)) config = OverrideEta(eta, config);
        if (typed.TryGet("norm", out string norm, out _) && config.TryGet("norm", out string old, out _) && norm != old)
            config = config.Without("eps", "step");
        return config;
    }

    // A rule's numbers mean nothing to another rule, nor to a radius that is a number.
    private static SettingLayer OverrideEta(string eta, SettingLayer config)
        => config.TryGet("eta", out string old, out _) && EtaRuleSheet.Find(old) is { } rule
            && rule != EtaRuleSheet.Find(eta) ? config.Without("set") : config;

    // Numbers go with the method they were chosen for, unless both methods mean the same by them.
    private static SettingLayer OverrideObjective(ObjectiveKind objective, SettingLayer config)
    {
        var (sheet, old) = (ObjectiveSheet.Of(objective), ObjectiveSheet.Of(ObjectiveKind.Codat));
        if (config.TryGet("objective", out string text, out string where))
            old = ObjectiveSheet.Of(SettingNames.ParseObjective(text, where));
        config = config.Without("objective", "loss", "class-weights", "start");
        bool choosesRadius = config.TryGet("eta", out string eta, out _) && EtaRuleSheet.IsMeant(eta);
        if (sheet.Eta != old.Eta || (choosesRadius && sheet.ClassWeights != ClassWeightKind.Codat))
            config = config.Without("eta");
        if (sheet.Beta != old.Beta) config = config.Without("beta");
        return sheet.Objective == old.Objective ? config : config.Without("set");
    }

    private static string Where(SettingLayer typed, SettingLayer config, string name)
    {
        Pick(typed, config, name, out string where);
        return where;
    }

    private static string? Pick(SettingLayer typed, SettingLayer config, string name, out string where)
    {
        if (typed.TryGet(name, out string text, out where) || config.TryGet(name, out text, out where)) return text;
        where = name;
        return null;
    }

    private static TrainOptions Apply(TrainOptions options, SettingLayer layer)
    {
        foreach (TrainSetting setting in TrainSettings.All)
        {
            if (layer.TryGet(setting.Name, out string text, out string where))
                options = setting.Apply(options, text, where);
        }
        return options;
    }

    // Results are filed under the objective, so a pair that has a name of its own goes by it unless told otherwise.
    private static TrainOptions NameObjective(TrainOptions options, SettingLayer typed, SettingLayer config)
    {
        bool pairTyped = typed.Has("loss") || typed.Has("class-weights");
        bool named = typed.Has("objective") || (config.Has("objective") && !pairTyped);
        return !named && ObjectivePreset.Find(options.Loss, options.ClassWeights) is ObjectiveKind found
            ? options with { Objective = found }
            : options;
    }

    private static void Check(TrainOptions options, SettingLayer typed, SettingLayer config)
    {
        options.Eps.Check(Where("eps"), options.Norm);
        options.Step.Check(Where("step"), options.Norm);
        options.ValAttack.Step?.Check(Where("val-attack"), options.Norm);
        foreach (AttackExpression attack in options.Test) attack.Step?.Check(Where("test"), options.Norm);
        if (options.Val.IsNone && options.EarlyStop is not null)
        {
            throw Contradiction("early-stop", "a validation split to watch", "val none",
                "give --val 10% or leave out --early-stop");
        }
        if (options.Val.IsNone && options.ValLimit is not null)
            throw Contradiction("val-limit", "a validation split", "val none", "leave out --val-limit");
        if (options.Val.IsNone && options.AverageGate is not null)
            throw Contradiction("average-gate", "a validation split to judge epochs by", "val none",
                "leave out --val none");
        if (options.Swa is not null && options.Ema is not null)
            throw Contradiction("swa", "one average: swa or ema", "both", "leave out --ema");
        if (options.Nesterov && options.Momentum == 0)
            throw Contradiction("nesterov", "a momentum above 0", "momentum 0", "give --momentum 0.9");
        if (options.Imbalance is not null && options.Keep is not null)
            throw Contradiction("keep", "imbalance or keep, not both", "both", "write all shares with --keep");
        if (options.Test.Count == 0 && options.TestLimit is not null)
            throw Contradiction("test-limit", "attacks to test with", "test none", "leave out --test-limit");

        string Where(string name) => TrainResolver.Where(typed, config, name);

        CodatException Contradiction(string name, string expected, string found, string fix)
            => new("settings contradict each other", Where(name), expected, found, fix);
    }
}
