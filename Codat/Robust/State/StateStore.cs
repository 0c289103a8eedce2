using System.Globalization;
using Codat.Native.Interop;
using Codat.Native.Layers;

namespace Codat.Native.Robust;

/// <summary>
/// The saved states of a run: <c>state/NNNNNN/</c> is written whole and renamed, then <c>state/CURRENT</c> is replaced.
/// That replacement is the one commit point; whatever a kill leaves beside it is cleared away by the next save.
/// </summary>
internal sealed class StateStore
{
    private const string Current = "CURRENT", Tensors = "tensors.safetensors", Position = "position.json";
    private static readonly string[] s_copies = ["metrics.jsonl", "classes.csv", "best.safetensors"];

    private readonly string _folder;
    private readonly string _run;

    public StateStore(RunFolder run) => (_folder, _run) = (run.StatePath, run.Path);

    /// <summary>True once a state has been committed.</summary>
    public bool Exists => File.Exists(Path.Combine(_folder, Current));

    /// <summary>Commits a state: tensors by name, the position, and copies of the run's growing files.</summary>
    public void Save(TrainingState state, IReadOnlyList<(string Name, double[]? Doubles, float[]? Floats)> tensors)
    {
        var number = Exists ? Number() + 1 : 1;
        var folder = Path.Combine(_folder, Name(number));
        var temporary = folder + ".tmp";
        try
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            Directory.CreateDirectory(temporary);
            var writer = new SafeTensorsWriter();
            foreach (var (name, doubles, floats) in tensors)
            {
                if (doubles is not null) writer.Add(name, [doubles.Length], doubles);
                if (floats is not null) writer.Add(name, [floats.Length], floats);
            }
            writer.Save(Path.Combine(temporary, Tensors));
            foreach (var copy in s_copies)
            {
                var source = Path.Combine(_run, copy);
                if (File.Exists(source)) CopyFlushed(source, Path.Combine(temporary, copy));
            }
            state.Write(Path.Combine(temporary, Position));
            Directory.Move(temporary, folder);
            AtomicFile.WriteAllText(Path.Combine(_folder, Current), Name(number) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CodatException)
        {
            Remove(temporary);
            throw new CodatException("the state cannot be saved", folder, "a folder that can be written", e.Message,
                "make room or mend the folder, then continue with --resume: the previous state is untouched",
                isUsage: false, e);
        }
        foreach (var old in Directory.GetDirectories(_folder))
            if (Path.GetFileName(old) != Name(number)) Remove(old);
    }

    /// <summary>The committed position, or null where there is none yet.</summary>
    public TrainingState? Peek() => Exists ? TrainingState.Read(Path.Combine(_folder, Name(Number()), Position)) : null;

    /// <summary>Reads the committed state and puts the run's files back to what they were then.</summary>
    public (TrainingState State, SafeTensorsFile Tensors) Load(string configHash, string dataHash)
    {
        if (!Exists)
            throw new CodatException(
                "the run has no saved state", _folder, $"a file {Current}", "none", "start the run anew");
        var folder = Path.Combine(_folder, Name(Number()));
        var state = TrainingState.Read(Path.Combine(folder, Position));
        if (state.ConfigHash != configHash)
        {
            throw new CodatException("the saved state belongs to other settings", folder, configHash, state.ConfigHash,
                "restore config.json, or start a new run");
        }
        if (state.DataHash != dataHash)
        {
            throw new CodatException(
                "the saved state belongs to other training images", folder, state.DataHash, dataHash,
                "put the data set back as it was, or start a new run");
        }
        foreach (var copy in s_copies)
        {
            var (saved, live) = (Path.Combine(folder, copy), Path.Combine(_run, copy));
            if (File.Exists(saved)) AtomicFile.Write(live, stream => CopyTo(saved, stream));
            else File.Delete(live);
        }
        return (state, SafeTensorsFile.Open(Path.Combine(folder, Tensors)));
    }

    private int Number()
    {
        var path = Path.Combine(_folder, Current);
        var text = File.ReadAllText(path).Trim();
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new CodatException(
                "the saved state cannot be found", path, "the number of a state", text, "start the run anew");
    }

    private static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It only takes up room; the next save tries again.
        }
    }

    private static string Name(int number) => number.ToString("D6", CultureInfo.InvariantCulture);

    private static void CopyFlushed(string from, string to) => AtomicFile.Write(to, stream => CopyTo(from, stream));

    private static void CopyTo(string path, Stream destination)
    {
        using var source = File.OpenRead(path);
        source.CopyTo(destination);
    }
}
