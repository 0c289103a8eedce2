using System.Text.Json;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Reads the key <c>evaluate</c> of a plan: keys of <c>codat eval</c>.</summary>
internal static class PlanEvaluations
{
    private static readonly Dictionary<string, Func<EvalOptions, string, string, EvalOptions>> s_keys = new()
    {
        ["dataset"] = (o, t, w) => o with { Dataset = DataSetPreset.Find(t, w).Name },
        ["data"] = (o, t, _) => o with { Data = t },
        ["split"] = (o, t, w) => o with { Split = SettingNames.Splits.Parse(t, w) },
        ["limit"] = (o, t, w) => o with { Limit = SettingText.Integer(t, w, 1) },
        ["attack"] = (o, t, w) => o with { Attack = AttackList.Parse(t, w) },
        ["restarts"] = (o, t, w) => o with { Restarts = SettingText.Integer(t, w, 1) },
        ["batch"] = (o, t, w) => o with { Batch = SettingText.Integer(t, w, 1) },
        ["norm"] = (o, t, w) => o with { Norm = SettingNames.Norms.Parse(t, w) },
        ["eps"] = (o, t, w) => o with { Eps = Magnitude.Parse(t, w) },
        ["step"] = (o, t, w) => o with { Step = TrainSettings.ParseStep(t, w) },
        ["class-map"] = (o, t, _) => o with { ClassMap = t },
        ["resize"] = (o, t, w) => o with { Resize = SettingText.Integer(t, w, 1) },
        ["corrupt"] = (o, t, w) => o with { Corrupt = CorruptionText.Parse(t, w) },
    };

    /// <summary>The evaluations of a plan.</summary>
    public static IReadOnlyList<PlannedEvaluation> Read(PlanNode list)
    {
        var evaluations = new List<PlannedEvaluation>();
        foreach (var item in list.AsItems())
        {
            if (item.Kind != JsonValueKind.Object) throw item.Wrong("an object");
            var name = item.Find("name")
                ?? throw item.Error("the evaluation has no name", "a name for its rows", fix: "add \"name\"");
            if (evaluations.Exists(e => e.Name == name.AsText()))
                throw name.Error("two evaluations have one name", null, $"'{name.Text}'", "rename one of them");
            evaluations.Add(Read(item, name.Text));
        }
        return evaluations;
    }

    private static PlannedEvaluation Read(PlanNode item, string name)
    {
        var (options, text) = (new EvalOptions { Checkpoint = "" }, new List<string>());
        foreach (var (key, value) in item.Members)
        {
            if (key == "name") continue;
            if (!s_keys.TryGetValue(key, out var set))
                throw value.Error("unknown key of an evaluation", "name, " + string.Join(", ", s_keys.Keys),
                    $"'{key}'");
            if (value.Kind is not (JsonValueKind.String or JsonValueKind.Number))
                throw value.Wrong("a string or a number");
            options = set(options, value.Text, value.Where);
            text.Add($"{key}={value.Text}");
        }
        text.Sort(StringComparer.Ordinal);
        // Files are relative to the plan: one that travels with the program finds its own.
        var folder = Path.GetDirectoryName(Path.GetFullPath(item.File)) ?? "";
        if (options.ClassMap is { } map) options = options with { ClassMap = Path.GetFullPath(map, folder) };
        return new PlannedEvaluation(name, options, string.Join(' ', text), item);
    }
}
