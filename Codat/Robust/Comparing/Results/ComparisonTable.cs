using System.Globalization;
using System.Text;

namespace Codat.Native.Robust;

/// <summary><c>compare.csv</c>: a row per run, attack and class.</summary>
internal static class ComparisonTable
{
    /// <summary>The whole file.</summary>
    public static string Csv(IEnumerable<ComparedRun> runs)
    {
        var text = new StringBuilder("label,seed,attack,class,name,n,correct,accuracy,low,high,risk\n");
        foreach (var run in runs)
        {
            foreach (var attack in run.Attacks)
            {
                foreach (var row in attack.PerClass)
                    text.Append(CultureInfo.InvariantCulture,
                        $"{Quote(run.Label)},{run.Seed},{Quote(attack.Name)},{row.Class},{Quote(row.Name)},{row.N:R},")
                        .Append(CultureInfo.InvariantCulture, $"{row.Correct:R},{Cell(row.Accuracy)},{Cell(row.Low)},")
                        .Append(CultureInfo.InvariantCulture, $"{Cell(row.High)},{Cell(row.Risk)}\n");
            }
        }
        return text.ToString();
    }

    private static string Cell(double value) =>
        double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "";

    private static string Quote(string text) => text.AsSpan().ContainsAny(",\"\n\r")
        ? "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : text;
}
