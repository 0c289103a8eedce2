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
                    text.Append(CultureInfo.InvariantCulture, $"{CsvText.Quote(run.Label)},{run.Seed},")
                        .Append(CultureInfo.InvariantCulture, $"{CsvText.Quote(attack.Name)},{row.Class},")
                        .Append(CultureInfo.InvariantCulture, $"{CsvText.Quote(row.Name)},{row.N:R},{row.Correct:R},")
                        .Append(CultureInfo.InvariantCulture, $"{CsvText.Cell(row.Accuracy)},{CsvText.Cell(row.Low)},")
                        .Append(CultureInfo.InvariantCulture, $"{CsvText.Cell(row.High)},{CsvText.Cell(row.Risk)}\n");
            }
        }
        return text.ToString();
    }
}
