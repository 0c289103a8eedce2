using System.Text;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Writes <c>report.html</c>: one self-contained page about one run, or about several side by side.</summary>
/// <remarks>The page loads nothing from anywhere; whatever the files of a run contain is shown as text only.</remarks>
public static class ReportWriter
{
    private const string PageName = "report.html";

    /// <summary>
    /// Writes the page of one or more run folders to a file, or as <c>report.html</c> into an existing folder. Missing
    /// files leave sections that say so; a malformed one is a <see cref="CodatException"/> that names it and the line.
    /// </summary>
    /// <param name="runs">Run folders, and outputs of <c>codat eval --json</c>, in the order in which they are
    /// shown.</param>
    /// <param name="outputPath">Where the page goes; an existing page is replaced as a whole or not at all.</param>
    /// <param name="baseline">The one of <paramref name="runs"/> to measure against, or null.</param>
    /// <exception cref="CodatException">A file is malformed, or two evaluations cannot be compared.</exception>
    public static void Write(IReadOnlyList<string> runs, string outputPath, string? baseline = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputPath);
        var path = Directory.Exists(outputPath) ? Path.Combine(outputPath, PageName) : outputPath;
        Replace(path, Prepare(runs, baseline).Page);
    }

    /// <summary>
    /// Writes <c>report.html</c> into a folder, and where anything was evaluated <c>report.csv</c> and
    /// <c>report.json</c>: accuracies by attack and class, and tests against the baseline.
    /// </summary>
    /// <param name="runs">Run folders, and outputs of <c>codat eval --json</c>, whose evidence lies where they say, or
    /// beside them as a CSV of the same name.</param>
    /// <param name="folder">The folder; made if it is not there.</param>
    /// <param name="baseline">The one of <paramref name="runs"/> to measure against, or null.</param>
    /// <exception cref="CodatException">A file is malformed, or two evaluations cannot be compared; nothing is
    /// written.</exception>
    public static ReportOutcome WriteAll(IReadOnlyList<string> runs, string folder, string? baseline = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var (page, comparison) = Prepare(runs, baseline);
        var full = Path.GetFullPath(folder);
        var outcome = new ReportOutcome(Path.Combine(full, PageName));
        if (comparison is not null)
        {
            outcome = outcome with
            {
                Table = Path.Combine(full, "report.csv"), Result = Path.Combine(full, "report.json"),
                Comparison = CheckpointJson.Of(comparison),
            };
            Replace(outcome.Table, CheckpointTable.Csv(comparison));
            Replace(outcome.Result, outcome.Comparison.ToJsonString(RunJson.Indented) + "\n");
        }
        Replace(outcome.Page, page);
        return outcome;
    }

    /// <summary>Writes the page of one run into its own folder, as <c>report.html</c>.</summary>
    public static void WriteFor(string runFolder)
    {
        ArgumentException.ThrowIfNullOrEmpty(runFolder);
        Replace(Path.Combine(runFolder, PageName),
            ReportPage.Render(ReportRun.Name([RunFolderReader.Read(runFolder)]), -1, null));
    }

    private static (string Page, CheckpointComparison? Comparison) Prepare(
        IReadOnlyList<string> runs, string? baseline)
    {
        ArgumentNullException.ThrowIfNull(runs);
        if (runs.Count == 0)
        {
            throw new CodatException("A report needs a run", null, "one or more run folders", "none",
                "give the folders that hold metrics.jsonl");
        }
        var index = baseline is null ? -1 : IndexOf(runs, baseline);
        if (runs.GroupBy(Full).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new CodatException("A run is given twice", twice.First(), "each run once", "the same again");
        var shown = ReportRun.Name([.. runs.Select(EvaluationFileReader.ReadAny)]);
        var comparison = CheckpointComparison.Of(shown, index);
        return (ReportPage.Render(shown, index, comparison), comparison);
    }

    private static int IndexOf(IReadOnlyList<string> folders, string baseline)
    {
        var wanted = Full(baseline);
        for (var i = 0; i < folders.Count; i++)
            if (Full(folders[i]) == wanted)
                return i;
        throw new CodatException("The baseline is none of the runs", baseline, 
            "one of " + string.Join(", ", folders), baseline, "name the baseline among the runs too");
    }

    private static string Full(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    // A kill at any moment leaves the page that was there before.
    private static void Replace(string path, string text)
    {
        var full = Path.GetFullPath(path);
        if (Path.GetDirectoryName(full) is { } parent) Directory.CreateDirectory(parent);
        var temporary = full + "." + Path.GetRandomFileName() + ".tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                file.Write(new UTF8Encoding(encoderShouldEmitUTF8Identifier: false).GetBytes(text));
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
