using System.Text.Json.Nodes;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>What a method is: its paper, its rule, its numbers and where they come from.</summary>
internal static class ObjectiveText
{
    internal static void Write(ObjectiveKind objective, Session session)
    {
        ObjectiveSheet sheet = ObjectiveSheet.Of(objective);
        session.Result(ToJson(sheet), output => Write(sheet, output));
    }

    private static JsonObject ToJson(ObjectiveSheet sheet) => new()
    {
        ["objective"] = SettingNames.Objectives.Print(sheet.Objective), ["paper"] = sheet.Paper, ["rule"] = sheet.Rule,
        ["loss"] = SettingNames.Losses.Print(sheet.Loss),
        ["classWeights"] = SettingNames.ClassWeights.Print(sheet.ClassWeights),
        ["eta"] = sheet.Eta, ["beta"] = sheet.Beta, ["published"] = sheet.Published,
        ["set"] = ToJson(sheet.Numbers),
        ["etaRules"] = new JsonArray([.. RulesOf(sheet).Select(rule => new JsonObject
        {
            ["eta"] = rule.Text, ["rule"] = rule.Meaning, ["set"] = ToJson(rule.Numbers),
        })]),
    };

    private static JsonArray ToJson(IReadOnlyList<MethodNumber> numbers) => new([.. numbers.Select(n => new JsonObject
    {
        ["key"] = n.Key, ["default"] = n.Default, ["min"] = n.Min, ["max"] = n.Max, ["meaning"] = n.Meaning,
        ["source"] = n.Source,
    })]);

    private static IReadOnlyList<EtaRuleSheet> RulesOf(ObjectiveSheet sheet) =>
        sheet.ClassWeights == ClassWeightKind.Codat ? EtaRuleSheet.All : [];

    private static void Write(ObjectiveSheet sheet, TextWriter output)
    {
        output.WriteLine($"{SettingNames.Objectives.Print(sheet.Objective)}: {sheet.Paper}");
        output.WriteLine(sheet.Rule);
        output.WriteLine($"--loss {SettingNames.Losses.Print(sheet.Loss)} "
            + $"--class-weights {SettingNames.ClassWeights.Print(sheet.ClassWeights)} "
            + $"--eta {Numbers.Short(sheet.Eta)} --beta {Numbers.Short(sheet.Beta)}");
        if (sheet.Published.Length > 0) output.WriteLine("published use: " + sheet.Published);
        Write(sheet.Numbers, output);
        foreach (EtaRuleSheet rule in RulesOf(sheet))
        {
            output.WriteLine($"--eta {rule.Text}  {rule.Meaning}");
            Write(rule.Numbers, output);
        }
    }

    private static void Write(IReadOnlyList<MethodNumber> numbers, TextWriter output)
    {
        foreach (MethodNumber number in numbers)
        {
            output.WriteLine($"--set {number.Key}={Numbers.Short(number.Default)}  {number.Meaning} "
                + $"({Numbers.Short(number.Min)} to {Numbers.Short(number.Max)}; {number.Source})");
        }
    }
}
