using System.Globalization;

namespace Codat.Native.Robust;

/// <summary>A method as it appears on the page: its letter and colour, and the folder of its first seed.</summary>
/// <param name="Method">The method.</param>
/// <param name="Letter">Its letter.</param>
/// <param name="Tone">Its colour.</param>
/// <param name="First">Its first run, or null where that was not run here.</param>
internal sealed record PageMethod(ComparedMethod Method, string Letter, string Tone, ReportRun? First)
{
    private const int Tones = 6;

    /// <summary>Its label.</summary>
    public string Label => Method.Label;

    /// <summary>Letter and label for legends.</summary>
    public string Name => Letter + "  " + Label;

    /// <summary>The colour of the i-th method or curve; they come round again.</summary>
    public static string ToneOf(int i) => "tone-run" + (i % Tones + 1).ToString(CultureInfo.InvariantCulture);

    /// <summary>The methods that have a finished run.</summary>
    public static IReadOnlyList<PageMethod> All(Comparison comparison, string folder)
    {
        var methods = new List<PageMethod>();
        foreach (var method in comparison.Methods)
        {
            if (method.Runs.Count == 0) continue;
            var i = methods.Count;
            var letter = i < 26 ? ((char)('A' + i)).ToString() : "R" + (i + 1).ToString(CultureInfo.InvariantCulture);
            var path = method.Runs.Select(r => Path.Combine(folder, r.Run)).FirstOrDefault(
                p => p.Length > folder.Length && File.Exists(Path.Combine(p, "final.json")));
            var first = path is null ? null
                : new ReportRun(RunFolderReader.Read(path), letter, method.Label, ToneOf(i), "");
            methods.Add(new PageMethod(method, letter, ToneOf(i), first));
        }
        return methods;
    }

    /// <summary>Letter in its colour and label.</summary>
    public Html Key() => Html.Of($"<span class=\"{Tone} key\"><i></i>{Letter}</span> {Label}");

    /// <summary>Mean and deviation over seeds, in percent.</summary>
    public static Html Cell(SeedStatistic? value) => value is not { } v ? Html.Text(ReportFormat.None)
        : double.IsFinite(v.Std)
            ? Html.Of($"{ReportFormat.Points(v.Mean)} <span class=\"soft\">± {ReportFormat.Points(v.Std)}</span>")
            : Html.Text(ReportFormat.Points(v.Mean));
}
