using System.Text.Json;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Reads plan files: anything not understood is an error that names file, line, column and path.</summary>
internal static class PlanReader
{
    private static readonly string[] s_keys = ["name", "base", "seeds", "baseline", "test", "runs", "evaluate"];
    private static readonly string[] s_notSettings = ["label", "init", "set", "sweep", "baseline"];

    /// <summary>Reads a plan.</summary>
    /// <param name="json">The text of the file.</param>
    /// <param name="file">Its path, for errors and as the folder that files named in it are relative to.</param>
    /// <exception cref="CodatException">Something is unknown, missing, of the wrong type or contradictory.</exception>
    public static ComparePlan Read(string json, string file)
    {
        var root = PlanNode.Parse(json, file);
        foreach (var (key, value) in root.Members)
        {
            if (Array.IndexOf(s_keys, key) < 0)
                throw value.Error("unknown key in the plan", string.Join(", ", s_keys), $"'{key}'");
        }
        var shared = Shared(root);
        var methods = new List<PlannedMethod>();
        foreach (var run in Required(root, "runs").AsItems()) methods.AddRange(Methods(run, shared));
        PlanLabels.Check(methods);
        var baseline = root.Find("baseline");
        foreach (var named in methods.Select(m => m.Node.Find("baseline")).Append(baseline).OfType<PlanNode>())
        {
            if (!methods.Exists(m => m.Label == named.AsText()))
                throw named.Error("the baseline is none of the runs",
                    string.Join(", ", methods.Select(m => m.Label)), $"'{named.Text}'");
        }
        var name = Required(root, "name");
        if (name.AsText() != PlanLabels.FolderName(name.Text))
            throw name.Error("the name of a plan is part of a folder's name", "letters, digits, '.', '_', '=' and '-'",
                $"'{name.Text}'");
        return new ComparePlan(name.Text, Seeds(root), baseline?.Text, methods,
            root.Find("evaluate") is { } list ? PlanEvaluations.Read(list) : []);
    }

    private static PlanNode Required(PlanNode root, string key) =>
        root.Find(key) ?? throw root.Error("the plan lacks a key", $"'{key}'", fix: $"add \"{key}\"");

    private static List<ulong> Seeds(PlanNode root)
    {
        var seeds = new List<ulong>();
        if (root.Find("seeds") is not { } list) return [0];
        foreach (var item in list.AsItems())
        {
            if (item.Kind != JsonValueKind.Number) throw item.Wrong("a whole number");
            var seed = SettingText.Seed(item.Text, item.Where);
            if (seeds.Contains(seed)) throw item.Error("seed given twice", null, item.Text, "leave one of them out");
            seeds.Add(seed);
        }
        return seeds;
    }

    private static SettingLayer Shared(PlanNode root)
    {
        var shared = SettingLayer.Empty;
        if (root.Find("base") is { } all)
        {
            foreach (var (key, value) in all.AsMembers())
            {
                if (Array.IndexOf(s_notSettings, key) >= 0)
                    throw value.Error("this key belongs to a run, not to base", "a setting of codat train", $"'{key}'",
                        "move it into the entries of runs");
                Set(shared, key, value);
            }
        }
        if (root.Find("test") is not { } test) return shared;
        if (shared.Has("test"))
            throw test.Error("the test is given twice", "test, or base.test", "both", "leave one of them out");
        Set(shared, "test", test);
        return shared;
    }

    /// <summary>The methods of one entry of <c>runs</c>: one, or as many as its sweep multiplies out to.</summary>
    private static IEnumerable<PlannedMethod> Methods(PlanNode run, SettingLayer shared)
    {
        var own = SettingLayer.Empty;
        foreach (var (key, value) in run.AsMembers())
            if (Array.IndexOf(s_notSettings, key) < 0) Set(own, key, value);
        if (run.Find("set") is { } numbers) PlanNumbers.Set(own, numbers);
        var label = (run.Find("label") ?? throw run.Error("the run has no label", "a name", fix: "add \"label\""))
            .AsText();
        var init = run.Find("init")?.AsText();
        foreach (var values in Sweep(run, own))
        {
            var layer = own.Without();
            foreach (var (name, node) in values) Set(layer, name, node);
            var swept = values.Select(v => (v.Name, Value: v.Node.Text)).ToArray();
            var full = label + string.Concat(swept.Select(s => $" {s.Name}={s.Value}"));
            yield return new PlannedMethod(full, run, layer, shared, init, swept, label)
            {
                Baseline = run.Find("baseline")?.AsText(),
            };
        }
    }

    /// <summary>All combinations of swept values, the last setting varying fastest.</summary>
    private static List<(string Name, PlanNode Node)[]> Sweep(PlanNode run, SettingLayer own)
    {
        var all = new List<(string Name, PlanNode Node)[]> { Array.Empty<(string, PlanNode)>() };
        if (run.Find("sweep") is not { } sweep) return all;
        if (sweep.AsMembers().Count == 0)
            throw sweep.Error("a sweep over nothing", "settings with arrays of values", "{}", "leave out sweep");
        foreach (var (name, values) in sweep.Members)
        {
            if (own.Has(name))
                throw values.Error("a setting is both swept and set", null, $"'{name}'", "leave it out of the run");
            var longer = new List<(string, PlanNode)[]>();
            foreach (var before in all)
                foreach (var value in values.AsItems()) longer.Add([.. before, (name, value)]);
            all = longer;
        }
        return all;
    }

    private static void Set(SettingLayer layer, string name, PlanNode value)
    {
        if (name is "seed")
            throw value.Error("a plan does not set the seed of a run", fix: "list seeds under \"seeds\"");
        if (name is "out")
            throw value.Error("a plan does not set the folder of a run", fix: "give codat compare --out DIR");
        var setting = name is "init" or "set" ? null : TrainSettings.Find(name);
        if (setting is null)
            throw value.Error("unknown setting", "a setting of codat train", $"'{name}'",
                SettingLayer.Suggestion(name));
        var isSwitch = value.Kind is JsonValueKind.True or JsonValueKind.False;
        var fits = setting.IsSwitch ? isSwitch : value.Kind is JsonValueKind.String or JsonValueKind.Number;
        if (!fits) throw value.Wrong(setting.IsSwitch ? "true or false" : "a string or a number");
        layer.Add(name, value.Text, value.Where);
    }
}
