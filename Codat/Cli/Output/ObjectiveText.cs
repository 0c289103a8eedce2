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
        ["set"] = new JsonArray([.. sheet.Numbers.Select(number => new JsonObject
        {
            ["key"] = number.Key, ["default"] = number.Default, ["min"] = number.Min, ["max"] = number.Max,
            ["meaning"] = number.Meaning, ["source"] = number.Source,
        })]),
    };

    private static void Write(ObjectiveSheet sheet, TextWriter output)
    {
        output.WriteLine($"{SettingNames.Objectives.Print(sheet.Objective)}: {sheet.Paper}");
        output.WriteLine(sheet.Rule);
        output.WriteLine($"--loss {SettingNames.Losses.Print(sheet.Loss)} "
            + $"--class-weights {SettingNames.ClassWeights.Print(sheet.ClassWeights)} "
            + $"--eta {Numbers.Short(sheet.Eta)} --beta {Numbers.Short(sheet.Beta)}");
        if (sheet.Published.Length > 0) output.WriteLine("published use: " + sheet.Published);
        foreach (MethodNumber number in sheet.Numbers)
        {
            output.WriteLine($"--set {number.Key}={Numbers.Short(number.Default)}  {number.Meaning} "
                + $"({Numbers.Short(number.Min)} to {Numbers.Short(number.Max)}; {number.Source})");
        }
    }
}
