using System.Globalization;
using System.Text;

namespace Codat.Native.Robust;

/// <summary>
/// <c>report.csv</c>: per checkpoint and attack a row for all images, where the class is empty, and one for each class.
/// </summary>
internal static class CheckpointTable
{
    /// <summary>The whole file.</summary>
    public static string Csv(CheckpointComparison comparison)
    {
        var text = new StringBuilder("label,attack,class,name,n,correct,accuracy,low,high,risk,")
            .Append("onlyBaseline,onlyOwn,difference,p,pCorrected\n");
        var tests = comparison.Tests.ToDictionary(t => (t.Label, t.Attack, t.Class));
        foreach (var row in comparison.Rows)
        {
            var classes = row.Accuracy.PerClass;
            var all = new ClassResult(-1, "", classes.Sum(c => c.N), classes.Sum(c => c.Correct), row.Accuracy.Average,
                row.Average.Low, row.Average.High, double.NaN);
            Add(text, row, null, all, tests.GetValueOrDefault((row.Checkpoint.Label, row.Attack.Name, null)));
            foreach (var result in classes)
                Add(text, row, result.Class, result,
                    tests.GetValueOrDefault((row.Checkpoint.Label, row.Attack.Name, result.Class)));
        }
        return text.ToString();
    }

    private static void Add(StringBuilder text, CheckpointRow row, int? index, ClassResult result, CheckpointTest? test)
    {
        text.Append(CultureInfo.InvariantCulture, $"{CsvText.Quote(row.Checkpoint.Label)},")
            .Append(CultureInfo.InvariantCulture, $"{CsvText.Quote(row.Attack.Name)},{index},")
            .Append(CultureInfo.InvariantCulture, $"{CsvText.Quote(result.Name)},{result.N},{result.Correct},")
            .Append(CultureInfo.InvariantCulture, $"{CsvText.Cell(result.Accuracy)},{CsvText.Cell(result.Low)},")
            .Append(CultureInfo.InvariantCulture, $"{CsvText.Cell(result.High)},{CsvText.Cell(result.Risk)},");
        if (test is null) text.Append(",,,,\n");
        else text.Append(CultureInfo.InvariantCulture, $"{test.Test.OnlyFirst},{test.Test.OnlySecond},")
            .Append(CultureInfo.InvariantCulture, $"{CsvText.Cell(test.Test.Difference)},{CsvText.Cell(test.Test.P)},")
            .Append(CultureInfo.InvariantCulture, $"{CsvText.Cell(test.Corrected)}\n");
    }
}
