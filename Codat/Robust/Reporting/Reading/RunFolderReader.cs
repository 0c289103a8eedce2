using System.Text.Json;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Reads a run folder: absent files leave gaps, malformed ones are errors that name file and line.</summary>
internal static class RunFolderReader
{
    private static readonly string[] s_files =
        ["config.json", "manifest.json", "metrics.jsonl", "classes.csv", "final.json", "examples.json"];

    /// <summary>Reads the folder; throws <see cref="CodatException"/> when it holds no file of a run.</summary>
    public static RunView Read(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new CodatException("There is no such run folder", folder, "a folder that a run left behind",
                File.Exists(folder) ? "a file" : "nothing", "give the folder that holds metrics.jsonl");
        }
        if (!s_files.Any(name => File.Exists(Path.Combine(folder, name))))
        {
            throw new CodatException("The folder is no run folder", folder,
                "at least one of " + string.Join(", ", s_files), "none of them",
                "give the folder that holds metrics.jsonl");
        }
        var config = Optional(folder, "config.json");
        var manifest = Optional(folder, "manifest.json");
        var final = Optional(folder, "final.json");
        var epochs = MetricsReader.Read(Path.Combine(folder, "metrics.jsonl"));
        var run = new RunView
        {
            Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))),
            Source = folder,
            Settings = config is { } c ? Flatten(c) : [],
            Manifest = manifest is { } m ? Flatten(m) : [],
            Epochs = epochs,
            ClassRows = ClassTableReader.Read(Path.Combine(folder, "classes.csv")),
            Examples = ExamplesReader.Read(Path.Combine(folder, "examples.json")),
            BestEpoch = final?.Object("best")?.Integer("epoch") ?? BestOf(epochs),
        };
        return final is { } f ? EvaluationFileReader.WithEvidence(EvaluationReader.Fill(run, f), folder, null) : run;
    }

    private static JsonView? Optional(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return File.Exists(path) ? JsonView.Load(path) : null;
    }

    // The rule by which the run itself chooses: worst class, then the average, then the later epoch.
    private static int? BestOf(IReadOnlyList<EpochView> epochs)
    {
        EpochView? best = null;
        foreach (var epoch in epochs)
        {
            if (double.IsNaN(epoch.Robust.Worst)) continue;
            if (best is null || epoch.Robust.Worst > best.Robust.Worst
                || (epoch.Robust.Worst == best.Robust.Worst && epoch.Robust.Average >= best.Robust.Average))
            {
                best = epoch;
            }
        }
        return best?.Epoch;
    }

    private static List<KeyValuePair<string, string>> Flatten(JsonView root)
    {
        var rows = new List<KeyValuePair<string, string>>();
        Add(rows, root, "");
        return rows;
    }

    private static void Add(List<KeyValuePair<string, string>> rows, JsonView value, string name)
    {
        if (value.IsObject)
        {
            foreach (var member in value.Element.EnumerateObject())
            {
                var path = name.Length == 0 ? member.Name : name + "." + member.Name;
                if (value.Get(member.Name) is { } inner) Add(rows, inner, path);
                else rows.Add(new(path, ""));
            }
        }
        else if (value.IsArray && value.Element.EnumerateArray().Any(
            item => item.ValueKind is JsonValueKind.Object or JsonValueKind.Array))
        {
            foreach (var item in value.AsItems())
            {
                if (IsFlat(item)) rows.Add(new(name, Sentence(item)));
                else Add(rows, item, name);
            }
        }
        else if (value.IsArray)
        {
            rows.Add(new(name, string.Join(", ", value.AsItems().Select(item => item.Display()))));
        }
        else
        {
            rows.Add(new(name, value.Display()));
        }
    }

    private static bool IsFlat(JsonView value) => value.IsObject && !value.Element.EnumerateObject().Any(
        member => member.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array);

    private static string Sentence(JsonView value) => string.Join(", ", value.Element.EnumerateObject().Select(
        member => member.Name + " " + (value.Get(member.Name)?.Display() ?? ReportFormat.None)));
}
