using System.Globalization;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>What must hold between a method and the settings it is given.</summary>
internal static class ObjectiveRules
{
    /// <summary>The numbers of a way of weighing classes.</summary>
    internal static IReadOnlyList<MethodNumber> NumbersOf(ClassWeightKind kind) =>
        Array.Find(ObjectiveSheets.All, sheet => sheet.ClassWeights == kind)?.Numbers ?? [];

    /// <summary>The numbers of a rule for the radius; none without one.</summary>
    internal static IReadOnlyList<MethodNumber> NumbersOf(EtaRule? rule) =>
        rule is { } chosen ? EtaRuleSheet.Of(chosen).Numbers : [];

    /// <summary>The ball whose worst weights a kind stands for; the chi-square ball where it has none.</summary>
    internal static BallKind BallOf(ClassWeightKind kind) => kind switch
    {
        ClassWeightKind.Kl => BallKind.Kl,
        ClassWeightKind.ReverseKl or ClassWeightKind.Faal => BallKind.ReverseKl,
        ClassWeightKind.Cvar => BallKind.Cvar,
        _ => BallKind.Chi2,
    };

    /// <summary>Whether a kind learns its weights from the validation at the ends of epochs.</summary>
    internal static bool NeedsValidation(ClassWeightKind kind) => kind is ClassWeightKind.Wat or ClassWeightKind.Frl;

    /// <summary>Whether a kind draws batches or takes in what epochs have come to, and does nothing of its own
    /// without.</summary>
    internal static bool NeedsTrainer(ClassWeightKind kind) =>
        NeedsValidation(kind) || kind is ClassWeightKind.Dafa or ClassWeightKind.Cfa or ClassWeightKind.Cfol;

    /// <summary>Refuses numbers the method does not have, and settings it would silently ignore.</summary>
    internal static void Check(TrainOptions options, Func<string, string> where)
    {
        CheckRadius(options, where);
        MethodNumber[] known = [.. NumbersOf(options.ClassWeights), .. NumbersOf(options.EtaRule)];
        foreach (string key in options.Set.Keys)
        {
            MethodNumber? number = Array.Find(known, n => n.Key == key);
            if (number is null)
            {
                string keys = known.Length == 0 ? "none: the method has no numbers of its own"
                    : string.Join(", ", known.Select(n => n.Key));
                throw new CodatException("the method has no number of that name", where("set"), keys, $"'{key}'",
                    "see codat train --help-objective " + SettingNames.Objectives.Print(options.Objective));
            }
            if (options.Set[key] >= number.Min && options.Set[key] <= number.Max) continue;
            throw SettingText.Bad(SettingText.Print(options.Set[key]), where("set"), string.Create(
                CultureInfo.InvariantCulture, $"{key} from {number.Min} to {number.Max}"));
        }
        CheckEpochs(options, where);
        BallKind ball = BallOf(options.ClassWeights);
        if (options.EtaRule is null && !BallWeights.IsRadius(ball, options.Eta))
            throw SettingText.Bad(SettingText.Print(options.Eta), where("eta"), "a share above 0 and at most 1");
        if (options.ClassWeights is ClassWeightKind.None or ClassWeightKind.Balanced or ClassWeightKind.Codat) return;
        if (options.Weights == WeightSolver.Published) throw OnlyCodat("weights", "published");
        if (options.Variance == VarianceKind.Debiased) throw OnlyCodat("variance", "debiased");

        CodatException OnlyCodat(string name, string value) => new("settings contradict each other", where(name),
            "class weights of CODAT", $"{value} with {SettingNames.ClassWeights.Print(options.ClassWeights)}",
            $"leave out --{name}");
    }

    private static void CheckRadius(TrainOptions options, Func<string, string> where)
    {
        if (options.EtaRule is not { } rule) return;
        string text = EtaRuleSheet.Of(rule).Text;
        if (options.ClassWeights != ClassWeightKind.Codat)
        {
            throw new CodatException("settings contradict each other", where("eta"),
                "class weights codat, the only ones whose radius is chosen by itself",
                $"{text} with {SettingNames.ClassWeights.Print(options.ClassWeights)}", "give --eta a number");
        }
        if (rule == EtaRule.Validation && options.Val.IsNone)
        {
            throw new CodatException("settings contradict each other", where("val"),
                $"a validation split: {text} chooses by it", "none",
                "leave out --val none, or give --eta auto:noise");
        }
    }

    private static void CheckEpochs(TrainOptions options, Func<string, string> where)
    {
        string kind = SettingNames.ClassWeights.Print(options.ClassWeights);
        if (NeedsValidation(options.ClassWeights) && options.Val.IsNone)
        {
            throw new CodatException("settings contradict each other", where("val"),
                $"a validation split: class weights {kind} come from it", "none", "leave out --val none");
        }
        if (options.Loss == LossKind.Bat && options.ClassWeights is (ClassWeightKind.Dafa or ClassWeightKind.Cfa))
        {
            throw new CodatException("settings contradict each other", where("loss"),
                $"a loss that leaves the attack to {kind}", "bat, whose attack stops at the boundary",
                "give --loss trades or --loss ce");
        }
        if (options.Loss == LossKind.Mart && options.ClassWeights is (ClassWeightKind.Dafa or ClassWeightKind.Cfa))
        {
            throw new CodatException("settings contradict each other", where("loss"),
                $"a loss whose terms {kind} can weigh", "mart, which has none of TRADES's",
                "give --loss trades or --loss ce");
        }
        if (options.ClassWeights == ClassWeightKind.Frl && options.Loss != LossKind.Trades)
        {
            throw new CodatException("settings contradict each other", where("loss"),
                "trades: frl weighs its two terms", SettingNames.Losses.Print(options.Loss), "give --loss trades");
        }
    }
}
