using System.Globalization;
using Codat.Native.Robust;

namespace Codat.Native.Cli;

/// <summary>A comparison for a person: a row per method, and the tests against the baseline.</summary>
internal static class CompareText
{
    internal static void Write(CompareOutcome outcome, TextWriter output)
    {
        Comparison comparison = outcome.Comparison;
        int done = comparison.Methods.Sum(m => m.Runs.Count);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{comparison.Name}: {done} of {outcome.Planned} runs done"));
        if (comparison.Strongest is string attack)
        {
            output.WriteLine($"means over seeds, ± one deviation, in percent; attacked: {attack}");
            WriteMethods(comparison, attack, output);
            WriteTests(comparison, attack, output);
        }
        output.WriteLine($"folder: {outcome.Folder}");
        output.WriteLine($"report: {Path.Combine(outcome.Folder, "report.html")}");
    }

    private static void WriteMethods(Comparison comparison, string attack, TextWriter output)
    {
        var table = new TextTable("method", "seeds", "clean", "average", "worst class", "95 %", "spread", "rho",
            "images/s");
        foreach (ComparedMethod method in comparison.Methods)
        {
            ComparedAttack? row = method.Find(attack);
            table.Add(method.Label, method.Runs.Count.ToString(CultureInfo.InvariantCulture),
                Cell(method.Find("clean")?.Average), Cell(row?.Average), Cell(row?.Worst), Interval(row?.Worst),
                Cell(row?.Spread), Numbers.Short(row?.Against?.Rho),
                Numbers.Count(SeedStatistic.Of([.. method.Runs.Select(r => r.ImagesPerSecond)]).Mean));
        }
        table.Write(output, "  ");
    }

    private static void WriteTests(Comparison comparison, string attack, TextWriter output)
    {
        ComparedTest[] tests = [.. comparison.Tests.Where(t => t.Attack == attack)];
        if (tests.Length == 0) return;
        output.WriteLine();
        string[] baselines = [.. tests.Select(t => t.Baseline).Distinct()];
        bool isOne = baselines.Length == 1;
        string against = isOne ? baselines[0] : "its baseline";
        output.WriteLine($"worst class against {against}, points; p corrected by Holm over these rows");
        var table = new TextTable("method", "difference", "95 %", "p", "p corrected");
        foreach (ComparedTest test in tests)
        {
            table.Add(isOne ? test.Label : $"{test.Label} - {test.Baseline}", Numbers.Percent(test.Difference),
                $"{Numbers.Percent(test.Low)} to {Numbers.Percent(test.High)}", Numbers.Short(test.P),
                Numbers.Short(test.Corrected));
        }
        table.Write(output, "  ");
    }

    private static string Cell(SeedStatistic? value) => value is not SeedStatistic v ? "-"
        : double.IsFinite(v.Std) ? $"{Numbers.Percent(v.Mean)} ± {Numbers.Percent(v.Std)}" : Numbers.Percent(v.Mean);

    private static string Interval(SeedStatistic? value)
        => value is SeedStatistic v ? $"{Numbers.Percent(v.Low)}-{Numbers.Percent(v.High)}" : "-";
}
