using System.Text;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Labels of runs and the folder names made of them.</summary>
internal static class PlanLabels
{
    private const string Allowed = "._=-";

    /// <summary>A label as part of a folder's name.</summary>
    public static string FolderName(string label)
    {
        var name = new StringBuilder(label.Length);
        foreach (var c in label) name.Append(char.IsAsciiLetterOrDigit(c) || Allowed.Contains(c) ? c : '-');
        return name.ToString();
    }

    /// <summary>
    /// Refuses labels that are equal or meet as folders, and starts from runs that are not there yet.
    /// </summary>
    public static void Check(IReadOnlyList<PlannedMethod> methods)
    {
        // Some file systems tell no upper from lower case; a plan is to work on all of them.
        var folders = new Dictionary<string, PlannedMethod>(StringComparer.OrdinalIgnoreCase);
        foreach (var method in methods)
        {
            var (label, node) = (method.Label, method.Node.Find("label") ?? method.Node);
            if (folders.TryGetValue(FolderName(label), out var other))
            {
                throw other.Label == label
                    ? node.Error("label given twice", null, $"'{label}'", "give each run a label of its own")
                    : node.Error("two labels meet as folder names", "labels that differ in letters and digits",
                        $"'{other.Label}' and '{label}', both {FolderName(label)}", "rename one of them");
            }
            if (method.Init is { } init && !folders.Values.Any(m => m.Label == init))
            {
                var at = method.Node.Find("init") ?? node;
                var earlier = string.Join(", ", folders.Values.Select(m => m.Label));
                throw at.Error("init names no earlier run of the plan",
                    earlier.Length == 0 ? "a label of an earlier run" : earlier, $"'{init}'",
                    "write the full label, swept values included, of a run that stands before this one");
            }
            folders.Add(FolderName(label), method);
        }
    }
}
