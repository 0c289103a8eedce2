using System.Text;
using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Writes <c>report.html</c>: one self-contained page about one run, or about several side by side.</summary>
/// <remarks>The page loads nothing from anywhere; whatever the files of a run contain is shown as text only.</remarks>
public static class ReportWriter
{
    private const string FileName = "report.html";

    /// <summary>
    /// Writes the page of one or more run folders to a file, or as <c>report.html</c> into an existing folder. Missing
    /// files leave sections that say so; a malformed one is a <see cref="CodatException"/> that names it and the line.
    /// </summary>
    /// <param name="runFolders">The run folders, in the order in which they are shown.</param>
    /// <param name="outputPath">Where the page goes; an existing page is replaced as a whole or not at all.</param>
    /// <param name="baseline">The one of <paramref name="runFolders"/> to measure against, or null.</param>
    public static void Write(IReadOnlyList<string> runFolders, string outputPath, string? baseline = null)
    {
        ArgumentNullException.ThrowIfNull(runFolders);
        ArgumentException.ThrowIfNullOrEmpty(outputPath);
        if (runFolders.Count == 0)
        {
            throw new CodatException("A report needs a run", null, "one or more run folders", "none",
                "give the folders that hold metrics.jsonl");
        }
        var index = baseline is null ? -1 : IndexOf(runFolders, baseline);
        var page = ReportPage.Render([.. runFolders.Select(RunFolderReader.Read)], index);
        Replace(Directory.Exists(outputPath) ? Path.Combine(outputPath, FileName) : outputPath, page);
    }

    /// <summary>Writes the page of one run into its own folder, as <c>report.html</c>.</summary>
    public static void WriteFor(string runFolder)
    {
        ArgumentException.ThrowIfNullOrEmpty(runFolder);
        Write([runFolder], Path.Combine(runFolder, FileName));
    }

    private static int IndexOf(IReadOnlyList<string> folders, string baseline)
    {
        var wanted = Full(baseline);
        for (var i = 0; i < folders.Count; i++)
            if (Full(folders[i]) == wanted)
                return i;
        throw new CodatException("The baseline is none of the runs", baseline, 
            "one of " + string.Join(", ", folders), baseline, "name the baseline among the runs too");

        static string Full(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
    }

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
