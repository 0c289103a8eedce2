using Codat.Native.Interop;

namespace Codat.Native.Robust;

/// <summary>Reads an evaluation that stands for itself: what <c>codat eval --json</c> printed, with its
/// evidence.</summary>
internal static class EvaluationFileReader
{
    /// <summary>Reads the file, or the run folder.</summary>
    /// <exception cref="CodatException">It is neither; names what is wrong with it.</exception>
    public static RunView ReadAny(string path) => File.Exists(path) ? Read(path) : RunFolderReader.Read(path);

    private static RunView Read(string path)
    {
        var full = Path.GetFullPath(path);
        var json = JsonView.Load(path);
        var name = Path.GetFileNameWithoutExtension(full);
        var run = EvaluationReader.Fill(new RunView
        {
            Name = name, Source = path, Settings = [], Manifest = [], Epochs = [], ClassRows = [],
            IsEvaluation = true,
        }, json);
        if (run.Final is null)
            throw new CodatException("the file holds no evaluation", path,
                "the output of codat eval --json, or a final.json", "no attacks", "give that file, or a run folder");
        return WithEvidence(run, Path.GetDirectoryName(full) ?? full, name);
    }

    /// <summary>
    /// The run with its evidence: the file that the evaluation names, beside it or where it was written, or else one
    /// with the evaluation's own name.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="folder">Where its files lie.</param>
    /// <param name="name">The evaluation's own name, or null where that says nothing.</param>
    public static RunView WithEvidence(RunView run, string folder, string? name)
    {
        string?[] places = run.Final?.Evidence is { } named
            ? [Path.Combine(folder, Path.GetFileName(named)), named]
            : [name is null ? null : Path.Combine(folder, name + ".csv")];
        return run with { EvidencePath = places.FirstOrDefault(File.Exists) };
    }
}
